using Mayfly.Sandboxd.Launching;

namespace Mayfly.Server.Tests.Sandboxes;

public sealed class ShelfTests
{
    private readonly List<TaskCompletionSource<int>> _made = [];
    private readonly List<int> _discarded = [];
    private readonly SemaphoreSlim _asked = new(0);

    private CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_waits_longest_gets_what_is_made_first_and_a_failure_is_told_to_one()
    {
        var shelf = Make(spare: 0);
        var (first, second, third) = (shelf.TakeAsync(Cancelled), shelf.TakeAsync(Cancelled), shelf.TakeAsync(Cancelled));
        await AskedAsync(3);
        _made[2].SetResult(7);
        (await first).ShouldBe(7);
        _made[0].SetException(new StartRefusedException("no"));
        await Should.ThrowAsync<StartRefusedException>(second);
        _made[1].SetResult(8);
        (await third).ShouldBe(8);
    }

    [Fact]
    public async Task What_is_taken_is_made_anew()
    {
        var shelf = Make(spare: 1);
        shelf.Fill();
        await AskedAsync(1);
        _made[0].SetResult(7);
        (await shelf.TakeAsync(Cancelled)).ShouldBe(7);
        await AskedAsync(1);
        _made[1].SetResult(8);
        (await shelf.TakeAsync(Cancelled)).ShouldBe(8);
    }

    [Fact]
    public async Task A_closed_shelf_discards_what_lies_ready_and_what_is_still_made_and_refuses_who_asks()
    {
        var shelf = Make(spare: 2);
        var taken = shelf.TakeAsync(Cancelled);
        await AskedAsync(3);
        _made[0].SetResult(6);
        (await taken).ShouldBe(6);
        _made[1].SetResult(7);
        var closed = shelf.CloseAsync();
        closed.IsCompleted.ShouldBeFalse();
        _made[2].SetResult(8);
        await closed;
        _discarded.Order().ShouldBe([7, 8]);
        await Should.ThrowAsync<StartRefusedException>(shelf.TakeAsync(Cancelled));
    }

    private Shelf<int> Make(int spare) => new(
        () =>
        {
            lock (_made)
            {
                _made.Add(new(TaskCreationOptions.RunContinuationsAsynchronously));
                _asked.Release();
                return _made[^1].Task;
            }
        },
        thing =>
        {
            lock (_discarded)
            {
                _discarded.Add(thing);
            }

            return Task.CompletedTask;
        },
        spare);

    private async Task AskedAsync(int times)
    {
        for (; times > 0; times--)
        {
            await _asked.WaitAsync(Cancelled);
        }
    }
}
