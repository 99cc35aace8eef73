using System.Text.Json.Nodes;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Tests.Resources.Buses;

public sealed class BusPolicyTests
{
    [Fact]
    public void AStatement_TakesThePlaceOfTheOneOfItsName()
    {
        var policy = BusPolicy.With(BusPolicy.With(BusPolicy.With(null, Statement("a", "1")), Statement("b", "2")), Statement("a", "3"));

        policy.ShouldBe("""{"Version":"2012-10-17","Statement":[{"Sid":"b","Principal":"2"},{"Sid":"a","Principal":"3"}]}""");
    }

    [Fact]
    public void WithItsLastStatement_ThePolicyGoes()
    {
        BusPolicy.TryRemove("""{"Statement":{"Sid":"a"}}""", "b", out _).ShouldBeFalse();
        BusPolicy.TryRemove("""{"Statement":{"Sid":"a"}}""", "a", out var rest).ShouldBeTrue();
        rest.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"Statement":[]}""", true)]
    [InlineData("""{"Statement":{}}""", true)]
    [InlineData("""{"Statement":[1]}""", false)]
    [InlineData("""{"Version":"2012-10-17"}""", false)]
    [InlineData("[]", false)]
    [InlineData("{", false)]
    public void APolicy_IsAnObjectWithStatements(string text, bool isPolicy) => BusPolicy.IsPolicy(text).ShouldBe(isPolicy);

    private static JsonObject Statement(string id, string principal) => new() { ["Sid"] = id, ["Principal"] = principal };
}
