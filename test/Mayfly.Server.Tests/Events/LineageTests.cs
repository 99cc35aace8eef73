using Mayfly.Server.Events;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Tests.Events;

public sealed class LineageTests
{
    private const string Trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

    private static readonly FunctionKey A = new("000000000000", "us-east-1", "a");
    private static readonly FunctionKey B = new("000000000000", "us-east-1", "b");

    [Fact]
    public void EachFunctionOfAChain_IsCountedByItself()
    {
        var trace = Lineage.With(Lineage.With(Lineage.With(Trace, A), B), A);
        trace.ShouldStartWith(Trace + ";Lineage=");
        Lineage.CountOf(trace, A).ShouldBe(2);
        Lineage.CountOf(trace, B).ShouldBe(1);
        Lineage.CountOf(Trace, A).ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData(";;Lineage=;")]
    [InlineData("Lineage=x")]
    [InlineData("Lineage=:,::,a:b:c,a:-1,a:99999999999999")]
    [InlineData("Lineage=25:a87bd80c:1|68fd508a:5")]
    public void WhatIsNotOurs_CountsNothing(string trace)
    {
        Lineage.CountOf(trace, A).ShouldBe(0);
        Lineage.CountOf(Lineage.With(trace, A), A).ShouldBe(1);
    }

    [Fact]
    public void LongChains_StayShort()
    {
        var trace = Trace;
        for (var i = 0; i < 1000; i++)
        {
            trace = Lineage.With(trace, A with { Name = $"f{i}" });
        }

        trace.Length.ShouldBeLessThan(600);
    }
}
