using Mayfly.Bench;
using Mayfly.Bench.Simulations;
using Mayfly.Server.Scaling;

namespace Mayfly.Server.Tests.Simulations;

public sealed class KeepAliveSimulatorTests
{
    [Fact]
    public void KnownSequence_CountsColdStartsAndWaits()
    {
        // Cold, warm after 5, cold after 15 (10 waited), then 30 to the end (10 waited).
        var result = KeepAliveSimulator.Run(new(50, [[0, 5, 20]]), KeepAlivePolicy.Fixed);
        result.Cold.ShouldBe(2 / 3.0);
        result.WastedMinutes.ShouldBe(5 + 10 + 10);
    }

    [Fact]
    public void AnHourlyTimer_IsLearned()
    {
        var trace = new ArrivalTrace(100 * 60, [[.. Enumerable.Range(0, 100).Select(static hour => hour * 60)]]);
        var result = KeepAliveSimulator.Run(trace, KeepAlivePolicy.Fixed, HybridHistogramPolicy.UsualWorth);

        // The first, and those until enough is known.
        result.Cold.ShouldBe((1 + HybridHistogramPolicy.LeastKnown) / 100.0);
        result.WastedMinutes.ShouldBeLessThan(KeepAliveSimulator.Run(trace, KeepAlivePolicy.Fixed).WastedMinutes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2020)]
    public void OnTheBuiltInTrace_LearningIsBetterInBoth(int seed)
    {
        var trace = SyntheticTrace.Make(seed, 300, 7);
        var learned = KeepAliveSimulator.Run(trace, KeepAlivePolicy.Fixed, HybridHistogramPolicy.UsualWorth);
        var reference = KeepAliveSimulator.Run(trace, KeepAlivePolicy.Fixed);
        learned.Cold.ShouldBeLessThan(reference.Cold / 2);
        learned.WastedMinutes.ShouldBeLessThan(reference.WastedMinutes);
    }

    [Fact]
    public void TheDatasetsFormat_IsRead_AcrossDays()
    {
        var functions = new Dictionary<string, List<int>>();
        TraceFile.ReadDay(new StringReader("HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,0,2,1\no,a,g,timer,1,0,0\n"), "d01", 0, functions);
        TraceFile.ReadDay(new StringReader("HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,1,0,0\n"), "d02", 1440, functions);
        functions["o,a,f"].ShouldBe([1, 2, 1440]);
        functions["o,a,g"].ShouldBe([0]);
    }

    [Theory]
    [InlineData("a,b\n")]
    [InlineData("HashOwner,HashApp,HashFunction,Trigger,1\no,a,f,http,x\n")]
    [InlineData("HashOwner,HashApp,HashFunction,Trigger,1\no,a,f,http\n")]
    public void WhatIsNoTrace_IsRefused(string text) =>
        Should.Throw<BenchException>(() => TraceFile.ReadDay(new StringReader(text), "d01", 0, []));
}
