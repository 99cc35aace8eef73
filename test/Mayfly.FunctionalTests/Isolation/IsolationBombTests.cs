using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Isolation;

/// <summary>A function that takes without end meets its own limit, and works again. What its neighbours feel of it, <c>./dev bench bombs</c> measures.</summary>
[Collection(IsolationServer.Collection)]
public sealed class IsolationBombTests(IsolationServer isolation, ITestOutputHelper output)
{
    private const long MostLogBytes = 2 * 10 * 1024 * 1024;

    public static TheoryData<Place> Places { get; } = new(Place.All.Where(static place => place.Network == "none"));

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Files_EndAt1024Descriptors(Place place)
    {
        var (taken, refused) = await TakeAsync(place, "files");

        taken.ShouldBeInRange(900, 1024);
        refused.ShouldMatch("EMFILE|[Tt]oo many open files");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Disk_EndsAtTheSizeOfTmp(Place place)
    {
        var (taken, refused) = await TakeAsync(place, "disk");

        taken.ShouldBeInRange(500, 512);
        refused.ShouldMatch("ENOSPC|[Nn]o space left|disk is full");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Processes_EndAtTheirLimit(Place place)
    {
        var (taken, refused) = await TakeAsync(place, "processes");

        taken.ShouldBeInRange(500, 1024);
        refused.ShouldMatch("EAGAIN|Resource temporarily unavailable");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Memory_EndsTheInstanceAlone(Place place)
    {
        var answer = await ExplodeAsync(place, "bomb", "memory");

        // A runtime that knows the limit may find it first.
        answer.FunctionError.ShouldBe("Unhandled", answer.Payload);
        answer.Payload.ShouldMatch("signal: killed|[Oo]ut ?[Oo]f ?[Mm]emory|signal: aborted|heap limit|ERR_MEMORY");
        await WorksAsync(place, "bomb");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Spin_EndsAtTheTimeLimit(Place place)
    {
        var answer = await ExplodeAsync(place, "spin", "spin");

        answer.ErrorType.ShouldBe("Sandbox.Timedout", answer.Payload);
        answer.ErrorMessage!.ShouldEndWith("Task timed out after 2.00 seconds");
        await WorksAsync(place, "spin");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Log_IsCutOff_AndKeepsNobodyWaiting(Place place)
    {
        var server = await isolation.GetAsync(place);
        var flood = ExplodeAsync(place, "bomb", "log");
        (await IsolationServer.RunAsync(server, "neighbour-none", Step.Environment()))[0]["ok"].ShouldNotBeNull("a neighbour answers meanwhile");

        var answer = await flood;

        ((string?)answer.Json![0]!["ok"]).ShouldBe("printed", answer.Payload);
        answer.Log.Length.ShouldBeLessThanOrEqualTo(4096);
        var kept = new DirectoryInfo(Path.Combine(server.Folder, ".mayfly/store/logs")).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.FullName.Contains($"bomb-{place.Name}", StringComparison.Ordinal)).Sum(static file => file.Length);
        kept.ShouldBeInRange(1, MostLogBytes + (1024 * 1024));
        await WorksAsync(place, "bomb");
    }

    private async Task<(long Taken, string Refused)> TakeAsync(Place place, string kind)
    {
        var answer = await ExplodeAsync(place, "bomb", kind);
        answer.FunctionError.ShouldBeNull(answer.Payload);
        var seen = answer.Json![0]!["ok"].ShouldNotBeNull(answer.Payload);
        await WorksAsync(place, "bomb");
        return ((long)seen["taken"]!, (string)seen["refused"]!);
    }

    private async Task<Invoked> ExplodeAsync(Place place, string function, string kind)
    {
        var server = await isolation.GetAsync(place);
        var answer = await server.InvokeAsync($"{function}-{place.Name}", new JsonObject { ["steps"] = new JsonArray(Step.Bomb(kind)) }.ToJsonString());
        output.WriteLine($"{kind} in {place}: {answer}");
        return answer;
    }

    private async Task WorksAsync(Place place, string function)
    {
        var server = await isolation.GetAsync(place);

        // Twice: the one that comes first may still meet what is left of a broken instance.
        for (var call = 0; call < 2; call++)
        {
            (await IsolationServer.RunAsync(server, $"{function}-{place.Name}", Step.Write("/tmp/mayfly-was-here")))[0].Text().ShouldBe("written");
        }
    }
}
