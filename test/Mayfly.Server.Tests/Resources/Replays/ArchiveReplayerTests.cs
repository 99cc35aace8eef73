using System.Text.Json;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Replays;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Tests.Events;

namespace Mayfly.Server.Tests.Resources.Replays;

public sealed class ArchiveReplayerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    private DateTimeOffset Start { get; } = new VirtualTime().GetUtcNow();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AnArchive_KeepsWhatItsPatternWants_AndCountsIt()
    {
        await using var fixture = Open();
        var some = await fixture.ArchiveAsync("default", "some", """{"detail": {"n": [{"numeric": [">", 1]}]}}""");
        var all = await fixture.ArchiveAsync("default", "all");
        foreach (var n in Enumerable.Range(0, 4))
        {
            await fixture.PublishAsync("default", $$"""{"n": {{n}}}""");
        }

        fixture.Count(some).Events.ShouldBe(2);
        fixture.Count(all).Events.ShouldBe(4);
        fixture.Count(all).Bytes.ShouldBe(2 * fixture.Count(some).Bytes);

        await fixture.Buses.ApplyAsync(_ => new() { RemoveArchives = [all.Key] }, default);
        await fixture.ArchiveAsync("default", "all");
        fixture.Count(all).ShouldBe((0, 0));
    }

    [Fact]
    public async Task AReplay_SendsWhatHappenedInItsSpan_OnceAndWithItsName()
    {
        await using var fixture = Open();
        var archive = await fixture.ArchiveAsync("default", "all");
        await SendEachMinuteAsync(fixture, 5);
        await fixture.RuleAsync("default", "wanted", """{"source": ["shop"]}""", null, await fixture.FunctionAsync("wanted"));
        await fixture.RuleAsync("default", "other", """{"source": ["shop"]}""", null, await fixture.FunctionAsync("other"));
        fixture.Start();

        var replay = await fixture.EndedAsync(await fixture.ReplayAsync(archive, "again", Start.AddMinutes(1), Start.AddMinutes(4), new RuleKey(archive.Bus, "wanted").Arn));

        await fixture.RanAsync(3);
        replay.State.ShouldBe(ReplayStates.Completed);
        replay.LastTime.ShouldBe(Start.AddMinutes(3));
        fixture.Ran.ShouldAllBe(static request => request.Function.Key.Name == "wanted");
        fixture.Times.ShouldBe(["2024-01-01T00:01:00Z", "2024-01-01T00:02:00Z", "2024-01-01T00:03:00Z"]);
        fixture.Ran.Select(static request => JsonDocument.Parse(request.Payload).RootElement.GetProperty("replay-name").GetString()).Distinct().ShouldBe(["again"]);
        fixture.Count(archive).Events.ShouldBe(5);
    }

    [Fact]
    public async Task AReplay_GoesOnAfterARestart_WhereItWas()
    {
        const int sent = 500;
        EventArchive archive;
        Replay replay;
        HashSet<string> ran;
        await using (var before = Open())
        {
            archive = await before.ArchiveAsync("default", "all");
            await SendEachMinuteAsync(before, sent);
            await before.RuleAsync("default", "wanted", """{"source": ["shop"]}""", null, await before.FunctionAsync("wanted"));
            replay = await before.ReplayAsync(archive, "again", Start, Start.AddDays(1));
            before.Start();
            await DeliveryFixture.UntilAsync(() => before.Replayer.Find(replay.Key)!.LastTime is not null, "the first batch");
            await before.DisposeAsync();
            ran = [.. before.Ran.Select(static request => request.RequestId)];
        }

        await using var fixture = Open();
        fixture.Start();
        (await fixture.EndedAsync(replay)).State.ShouldBe(ReplayStates.Completed);
        await fixture.IdleAsync();
        ran.UnionWith(fixture.Ran.Select(static request => request.RequestId));
        ran.Count.ShouldBe(sent);
        fixture.Replayer.Find(replay.Key)!.LastTime.ShouldBe(Start.AddMinutes(sent - 1));
    }

    [Fact]
    public async Task AReplay_ThatIsCancelledOrLosesItsArchive_Ends()
    {
        await using var fixture = Open();
        var archive = await fixture.ArchiveAsync("default", "all");
        var gone = await fixture.ArchiveAsync("default", "gone");
        await SendEachMinuteAsync(fixture, 3);
        var (first, second) = (await fixture.ReplayAsync(archive, "first", Start, Start.AddDays(1)), await fixture.ReplayAsync(gone, "second", Start, Start.AddDays(1)));
        await fixture.Replayer.ChangeAsync(first.Key, static replay => replay! with { State = ReplayStates.Cancelling });
        await fixture.Buses.ApplyAsync(_ => new() { RemoveArchives = [gone.Key] }, default);
        fixture.Start();

        (await fixture.EndedAsync(first)).State.ShouldBe(ReplayStates.Cancelled);
        var failed = await fixture.EndedAsync(second);
        (failed.State, failed.StateReason).ShouldBe((ReplayStates.Failed, "Archive gone does not exist."));
        failed.LastTime.ShouldBeNull();
    }

    [Fact]
    public async Task WhatWasKeptForLongEnough_Goes()
    {
        await using var fixture = Open();
        var (two, ever) = (await fixture.ArchiveAsync("default", "two", days: 2), await fixture.ArchiveAsync("default", "ever"));
        await fixture.PublishAsync("default", "{}");
        fixture.Start();
        _time.Advance(TimeSpan.FromHours(47));
        await fixture.PublishAsync("default", "{}");
        fixture.Count(two).Events.ShouldBe(2);
        _time.Advance(TimeSpan.FromHours(2));

        await DeliveryFixture.UntilAsync(() => fixture.Count(two).Events == 1, "the first event to go");
        fixture.Count(ever).Events.ShouldBe(2);
    }

    private async Task SendEachMinuteAsync(BusFixture fixture, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await fixture.PublishAsync("default", "{}");
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    private BusFixture Open() => new(_folder.Path, _time);
}
