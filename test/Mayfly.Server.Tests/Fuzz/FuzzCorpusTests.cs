using Mayfly.Fuzz;
using Mayfly.Server.Tests.Architecture;

namespace Mayfly.Server.Tests.Fuzz;

/// <summary>Feeds every input that the fuzzer keeps: what once went wrong does not come back.</summary>
public sealed class FuzzCorpusTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task EveryInputOfTheCorpus_IsTakenOrRefusedInWords(string name)
    {
        Repository.NeedSources();
        var inputs = new Folders(Path.Combine(Repository.Root, "test/Fuzz")).Corpus(name);
        inputs.ShouldNotBeEmpty();
        await using var target = FuzzTargets.Make(name);
        await target.StartAsync();
        foreach (var input in inputs)
        {
            await target.RunAsync(input).WaitAsync(Fuzzer.Patience, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A program may call before the server has turned its attention to it. Now and then it found nobody.</summary>
    [Fact]
    public async Task ProgramThatCallsAtOnce_FindsItsInstance()
    {
        var call = "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray();
        await using var target = FuzzTargets.Make("runtime-api");
        await target.StartAsync();
        for (var start = 0; start < 200; start++)
        {
            await target.RunAsync(call).WaitAsync(Fuzzer.Patience, TestContext.Current.CancellationToken);
        }
    }
}
