using System.Text;
using System.Text.Json;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.EventSources;

namespace Mayfly.Server.Tests.Resources.EventSources;

public sealed class SourceFilterTests
{
    [Theory]
    [InlineData("""{"body":{"n":[1]}}""", """{"n":1,"m":2}""", true)]
    [InlineData("""{"body":{"n":[1]}}""", """{"n":2}""", false)]
    [InlineData("""{"body":{"n":[1]}}""", "n: 1", false)]
    [InlineData("""{"body":{"n":[{"exists":false}]}}""", """{"m":1}""", true)]
    [InlineData("""{"body":{"a":{"b":[{"prefix":"x"}]}}}""", """{"a":{"b":"xy"}}""", true)]
    [InlineData("""{"body":["text"]}""", "text", true)]
    [InlineData("""{"body":["text"]}""", "other", false)]
    [InlineData("""{"body":[{"prefix":"te"}]}""", "text", true)]
    [InlineData("""{"body":["text"]}""", """{"text":"text"}""", false)]
    [InlineData("""{"body":["7"]}""", "7", true)]
    [InlineData("""{"body":[{"numeric":[">",5]}]}""", "7", true)]
    [InlineData("""{"body":[7]}""", "8", false)]
    [InlineData("""{"body":["{"]}""", "{", true)]
    [InlineData("""{"eventSource":["aws:sqs"]}""", "any", true)]
    [InlineData("""{"messageAttributes":{"kind":{"stringValue":["order"]}}}""", "any", true)]
    [InlineData("""{"messageAttributes":{"kind":{"stringValue":["other"]}}}""", "any", false)]
    public void Body_IsSeenAsWhatItIs(string pattern, string body, bool matches) => Matches(body, pattern).ShouldBe(matches);

    [Fact]
    public void OneOfSeveralPatterns_IsEnough_AndNoneWantsAll()
    {
        Matches("""{"n":2}""", """{"body":{"n":[1]}}""", """{"body":{"n":[2]}}""").ShouldBeTrue();
        Matches("anything").ShouldBeTrue();
    }

    [Fact]
    public void DeepBody_IsText()
    {
        var deep = new string('[', 100_000) + new string(']', 100_000);
        Matches(deep, """{"body":{"n":[1]}}""").ShouldBeFalse();
        Matches(deep, """{"body":[{"prefix":"[["}]}""").ShouldBeTrue();
        Matches(string.Concat(Enumerable.Repeat("""{"n":""", 900)) + "1" + new string('}', 900), """{"body":{"n":{"n":{"m":[1]}}}}""").ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"body":"text"}""")]
    [InlineData("""{"body":[]}""")]
    public void WhatIsNoPattern_IsRefused(string pattern) => Should.Throw<EventPatternException>(() => SourceFilter.Parse([pattern]));

    private static bool Matches(string body, params string[] patterns)
    {
        var record = $$$"""{"messageId":"1","body":{{{JsonSerializer.Serialize(body)}}},"messageAttributes":{"kind":{"stringValue":"order","dataType":"String"}},"eventSource":"aws:sqs"}""";
        return SourceFilter.Parse(patterns).Matches(Encoding.UTF8.GetBytes(record), "body", Encoding.UTF8.GetBytes(body));
    }
}
