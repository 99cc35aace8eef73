using Mayfly.Server.Events;

namespace Mayfly.Server.Tests.Events;

/// <summary>Whose turn it is among the lanes in which events wait.</summary>
public sealed class DeliveryLanesTests
{
    private const int Most = 8;

    private readonly DeliveryLanes _lanes = new(new(), Most);

    // What waits in each lane, as the store would tell it.
    private readonly Dictionary<string, List<(long Id, long Due)>> _waiting = new(StringComparer.Ordinal);

    [Fact]
    public void LanesWithSomethingDue_LeaseInTurn()
    {
        Add("long", (1, 0), (2, 0), (3, 0), (4, 0));
        Add("short", (11, 0));
        Add("other", (21, 0), (22, 0));

        Take(now: 0).ShouldBe(["long", "short", "other", "long", "other", "long", "long"]);
    }

    [Fact]
    public void LaneWithHalfOfAllLeases_LeasesAgainWhenOneEnds()
    {
        Add("long", [.. Enumerable.Range(1, 10).Select(static id => ((long)id, 0L))]);
        var leased = new List<LaneTurn>();
        Take(0, leased).Count.ShouldBe(Most / 2);

        _waiting["long"].RemoveAt(0);
        _lanes.Release(leased[0].Lane, leased[0].Id, TimeSpan.Zero);
        Take(0, leased).ShouldBe(["long"]);
        leased[^1].Id.ShouldBe(5);
    }

    [Fact]
    public void LaneWhoseEventsEndAtOnce_IsNarrowed_AndOneWhoseEventsWaitIsNot()
    {
        const int widest = 50, narrowest = 12;
        var lane = new DeliveryLane("lane", widest);
        Repeat(lane, _ => TimeSpan.FromSeconds(1));
        lane.Width.ShouldBe(widest);

        // 9,000 a second, whatever its width.
        Repeat(lane, width => TimeSpan.FromMilliseconds(width / 9d));
        lane.Width.ShouldBe(narrowest);

        // Each waits for 10 ms: it is wide enough for 4,000 a second.
        Repeat(lane, _ => TimeSpan.FromMilliseconds(10));
        lane.Width.ShouldBeInRange(39, 41);

        var small = new DeliveryLane("small", 4);
        Repeat(small, _ => TimeSpan.Zero);
        small.Width.ShouldBe(4);

        static void Repeat(DeliveryLane lane, Func<int, TimeSpan> took)
        {
            for (var n = 0; n < 100; n++)
            {
                lane.Adapt(took(lane.Width));
            }
        }
    }

    [Fact]
    public void EventThatIsDueLater_ComesAtItsTime()
    {
        Add("later", (1, 50));
        Add("sooner", (11, 30));

        Take(now: 0).ShouldBeEmpty();
        _lanes.NextDue().ShouldBe(30);
        Take(now: 29).ShouldBeEmpty();
        Take(now: 30).ShouldBe(["sooner"]);
        _lanes.NextDue().ShouldBe(50);
        Take(now: 60).ShouldBe(["later"]);
        _lanes.NextDue().ShouldBe(long.MaxValue);
    }

    [Fact]
    public void EventThatCameDuringALook_IsLookedForAgain()
    {
        Add("lane");
        _lanes.TryTake(0, out var look).ShouldBeTrue();
        Add("lane", (1, 0));
        _lanes.Learn(look, [], 0);

        Take(now: 0).ShouldBe(["lane"]);
    }

    [Fact]
    public void PausedLane_LeasesNothing_UntilItIsLetGo()
    {
        Add("lane", (1, 0), (2, 30));
        Add("other", (11, 0));
        _lanes.Pause("lane", paused: true);
        Take(now: 0).ShouldBe(["other"]);

        _lanes.Pause("lane", paused: false);
        Take(now: 0).ShouldBe(["lane"]);
        _lanes.Pause("lane", paused: true);
        Take(now: 40).ShouldBeEmpty();
        _lanes.Pause("lane", paused: false);
        Take(now: 40).ShouldBe(["lane"]);
    }

    [Fact]
    public void HeldEvent_IsNotLeased_UntilItIsLetGo()
    {
        Add("lane", (1, 0), (2, 0));
        _lanes.TryHold("lane", 1).ShouldBeTrue();
        Take(now: 0).ShouldBe(["lane"]);

        _lanes.Unhold("lane", 1);
        var leased = new List<LaneTurn>();
        Take(0, leased);
        leased.ShouldHaveSingleItem().Id.ShouldBe(1);
    }

    private void Add(string lane, params IEnumerable<(long Id, long Due)> events)
    {
        if (!_waiting.TryGetValue(lane, out var waiting))
        {
            _waiting.Add(lane, waiting = []);
        }

        waiting.AddRange(events);
        _lanes.Wake(lane);
    }

    // The lanes in the order in which they lease, until none may.
    private List<string> Take(long now, List<LaneTurn>? leased = null)
    {
        leased ??= [];
        var before = leased.Count;
        while (_lanes.TryTake(now, out var turn))
        {
            if (turn.Id != 0)
            {
                leased.Add(turn);
                continue;
            }

            var held = turn.Leased;
            _lanes.Learn(turn, [.. _waiting[turn.Lane.Name].Where(next => !held.Contains(next.Id))], now);
        }

        return leased.Skip(before).Select(static turn => turn.Lane.Name).ToList();
    }
}
