using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Tests.Resources.Queues;

/// <summary>Messages go back from dead-letter queues, also over a restart.</summary>
public sealed class MoveTaskTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private QueueFixture _queues;
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public MoveTaskTests() => _queues = new(_folder);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _queues.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task DeadLetters_GoBackWhereTheyCameFrom_AsNewMessages()
    {
        var (one, two, dead) = await MakeAsync("");
        var sent = await _queues.SendAsync(one, "of one");
        await _queues.SendAsync(two, "of two", group: "tenant");
        await BuryAsync(one, two);
        Start();
        var task = await _queues.Moves.StartAsync(dead, null, null, default);
        task.ToMove.ShouldBe(2);
        var waiting = _queues.ReceiveAsync(one, wait: 20);
        (await EndAsync(dead)).ShouldBe((MoveTaskStatus.Completed, 2, null));
        var back = (await waiting).ShouldHaveSingleItem();
        (back.Body, back.ReceiveCount, back.DeadLetterSourceArn, back.Sent).ShouldBe(("of one", 1, null, _queues.Time.GetUtcNow()));
        back.MessageId.ShouldNotBe(sent.MessageId);
        (await _queues.ReceiveAsync(two)).ShouldHaveSingleItem().GroupId.ShouldBe("tenant");
        _queues.Engine.Count(dead).ShouldBe(new(0, 0, 0));
    }

    [Fact]
    public async Task Task_TakesItsTime_GoesOnAfterARestart_AndLeavesWhatCameLater()
    {
        var (one, two, dead) = await MakeAsync(".fifo");
        foreach (var body in new[] { "1", "2", "3", "4", "5" })
        {
            await _queues.SendAsync(one, body, "g");
        }

        await BuryAsync(one, two);
        Start();
        await _queues.Moves.StartAsync(dead, two, 2, default);
        await MovedAsync(dead, 2);
        (await Should.ThrowAsync<QueueException>(_queues.Moves.StartAsync(dead, two, 2, default))).Error.ShouldBe(QueueError.MoveTaskRunning);
        await _queues.Engine.SendAsync(dead, [new("later") { GroupId = "g" }], default);
        await StopAsync();
        _queues = _queues.Restart();
        _queues.Moves.List(dead, 1).ShouldHaveSingleItem().Moved.ShouldBe(2);
        Start();
        await MovedAsync(dead, 4);
        _queues.Advance(1);
        await MovedAsync(dead, 5);
        _queues.Advance(1);
        (await EndAsync(dead)).ShouldBe((MoveTaskStatus.Completed, 5, null));
        (await _queues.ReceiveAsync(two)).Select(static message => message.Body).ShouldBe(["1", "2", "3", "4", "5"]);
        (await _queues.ReceiveAsync(dead)).ShouldHaveSingleItem().Body.ShouldBe("later");
    }

    [Fact]
    public async Task MessageThatWasMoved_IsNotReceivedWhereItWas()
    {
        var (one, _, dead) = await MakeAsync("");
        await _queues.SendAsync(dead, "a");
        Start();
        await _queues.Moves.StartAsync(dead, one, null, default);
        (await EndAsync(dead)).ShouldBe((MoveTaskStatus.Completed, 1, null));
        (await _queues.ReceiveAsync(dead)).ShouldBeEmpty();
        (await _queues.ReceiveAsync(one)).ShouldHaveSingleItem();
        _queues.Engine.Count(dead).ShouldBe(new(0, 0, 0));
    }

    [Fact]
    public async Task CancelledTask_MovesNoMore()
    {
        var (one, two, dead) = await MakeAsync("");
        await _queues.SendAsync(one, "a");
        await _queues.SendAsync(one, "b");
        await BuryAsync(one, two);
        Start();
        var task = await _queues.Moves.StartAsync(dead, null, 1, default);
        await MovedAsync(dead, 1);
        (await _queues.Moves.CancelAsync(task.Id, default)).Moved.ShouldBe(1);
        _queues.Advance(5);
        (await Should.ThrowAsync<QueueException>(_queues.Moves.CancelAsync(task.Id, default))).Error.ShouldBe(QueueError.NoMoveTask);
        (await EndAsync(dead)).ShouldBe((MoveTaskStatus.Cancelled, 1, null));
        _queues.Engine.Count(dead).Visible.ShouldBe(1);
    }

    [Fact]
    public async Task TaskThatCannotGoOn_SaysWhy_AndOneThatCannotBegin_IsRefused()
    {
        var (one, two, dead) = await MakeAsync("");
        await _queues.SendAsync(one, "a");
        await BuryAsync(one, two);
        await _queues.Queues.ApplyAsync(_ => new() { Remove = [one] }, default);
        Start();
        await _queues.Moves.StartAsync(dead, null, null, default);
        (await EndAsync(dead)).ShouldBe((MoveTaskStatus.Failed, 0, "AWS.SimpleQueueService.NonExistentQueue"));
        _queues.Engine.Count(dead).Visible.ShouldBe(1);
        (await Should.ThrowAsync<QueueException>(_queues.Moves.StartAsync(two, null, null, default))).Error.ShouldBe(QueueError.NotDeadLetterQueue);
        (await Should.ThrowAsync<QueueException>(_queues.Moves.StartAsync(dead, one, null, default))).Error.ShouldBe(QueueError.NonExistentQueue);
    }

    private async Task<(QueueKey One, QueueKey Two, QueueKey Dead)> MakeAsync(string suffix)
    {
        var dead = await _queues.PutAsync("dead" + suffix, static queue => queue with { ContentBasedDeduplication = true });
        MessageQueue With(MessageQueue queue) => queue with { RedrivePolicy = new(dead, 1), ContentBasedDeduplication = true };
        return (await _queues.PutAsync("one" + suffix, With), await _queues.PutAsync("two" + suffix, With), dead);
    }

    private async Task BuryAsync(params QueueKey[] keys)
    {
        foreach (var key in keys)
        {
            await _queues.ReceiveAsync(key, visibility: 0);
            (await _queues.ReceiveAsync(key)).ShouldBeEmpty();
        }
    }

    private void Start()
    {
        _stop = new();
        _running = _queues.Moves.RunAsync(_stop.Token);
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(10));
        _stop.Dispose();
    }

    private Task MovedAsync(QueueKey dead, int count) => UntilAsync(() => _queues.Moves.List(dead, 1)[0].Moved == count);

    private async Task<(MoveTaskStatus Status, long Moved, string? Reason)> EndAsync(QueueKey dead)
    {
        await UntilAsync(() => _queues.Moves.List(dead, 1)[0].Status != MoveTaskStatus.Running);
        var task = _queues.Moves.List(dead, 1)[0];
        return (task.Status, task.Moved, task.FailureReason);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            i.ShouldBeLessThan(1000);
            await Task.Delay(10);
        }
    }
}
