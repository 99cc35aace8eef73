using System.Text;
using Mayfly.Server.Resources.EventSources;

namespace Mayfly.Server.Tests.Resources.EventSources;

public sealed class BatchResultTests
{
    private static readonly string[] Ids = ["a", "b", "c"];

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("{}")]
    [InlineData("""{"batchItemFailures":null}""")]
    [InlineData("""{"batchItemFailures":[]}""")]
    [InlineData("""{"batchItemFailure":[{"itemIdentifier":"a"}]}""")]
    public void AnswerThatNamesNothing_MeansThatAllSucceeded(string answer) => Failed(answer).ShouldBeEmpty();

    [Theory]
    [InlineData("{")]
    [InlineData("well done")]
    [InlineData("\"done\"")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("""{"batchItemFailures":"a"}""")]
    [InlineData("""{"batchItemFailures":["a"]}""")]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":""}]}""")]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":null}]}""")]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":1}]}""")]
    [InlineData("""{"batchItemFailures":[{"itemId":"a"}]}""")]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"d"}]}""")]
    public void AnswerThatDoesNotHoldToTheForm_MeansThatAllFailed(string answer) => Failed(answer).ShouldBe(Ids, ignoreOrder: true);

    [Fact]
    public void ListedIds_AndNoOthers_Failed() =>
        Failed("""{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"a","more":1},{"itemIdentifier":"a"}],"else":{}}""").ShouldBe(["a", "c"], ignoreOrder: true);

    private static IReadOnlySet<string> Failed(string answer) => BatchResult.Failed(Encoding.UTF8.GetBytes(answer), Ids);
}
