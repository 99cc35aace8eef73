using System.Collections.Immutable;
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

    [Theory]
    [InlineData(null, false)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"*"}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":["events:Put*"],"Resource":"arn:aws:events:us-east-1:000000000000:event-bus/b"}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":{"AWS":["222222222222","111111111111"]},"Action":"events:*","Resource":"arn:aws:events:*:*:event-bus/?"}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"events:PutEvents","Resource":"*"}""", false)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"events:PutRule","Resource":"*"}""", false)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"arn:aws:events:us-east-1:000000000000:event-bus/other"}""", false)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"*","Condition":{"StringEquals":{"events:source":["shop"]}}}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"*","Condition":{"StringLike":{"events:detail-type":"Order*"},"StringEquals":{"events:source":"bank"}}}""", false)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}""", false)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}""", false)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"events:source":"shop"}}}""", true)]
    [InlineData("""{"Effect":1,"Principal":[{}],"Action":null,"Condition":[]}""", false)]
    public void WhatAnotherAccountSends_NeedsAStatementThatAllowsIt(string? statements, bool isAllowed)
    {
        var bus = new EventBus
        {
            Key = new("000000000000", "us-east-1", "b"),
            Policy = statements is null ? null : $$"""{"Statement":[{{statements}}]}""",
            Tags = ImmutableSortedDictionary<string, string>.Empty,
            CreationTime = default,
            LastModifiedTime = default,
        };
        BusPolicy.Allows(bus, "111111111111", "shop", "Order placed").ShouldBe(isAllowed);
        BusPolicy.Allows(bus, "000000000000", "shop", "Order placed").ShouldBeTrue();
    }

    private static JsonObject Statement(string id, string principal) => new() { ["Sid"] = id, ["Principal"] = principal };
}
