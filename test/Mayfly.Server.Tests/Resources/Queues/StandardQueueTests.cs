using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Tests.Resources.Queues;

/// <summary>Standard queues over a real store.</summary>
public sealed class StandardQueueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private QueueFixture _queues;

    public StandardQueueTests() => _queues = new(_folder);

    public void Dispose()
    {
        _queues.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task MessageWithEverything_ComesBackAsItWasSent()
    {
        var key = await _queues.PutAsync("q");
        var sent = await _queues.Engine.SendAsync(
            key,
            [
                new("häl\rlo \U0001F600")
                {
                    Attributes = NewMessage.NoAttributes.Add("Bytes", new("Binary", null, [0, 255])).Add("Text", new("String.x", "y", null)),
                    TraceHeader = "Root=1-2-3",
                    GroupId = "tenant",
                    SenderId = "AIDA",
                },
            ],
            CancellationToken.None);
        var message = (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem();
        message.MessageId.ShouldBe(sent[0].MessageId);
        sent[0].SequenceNumber.ShouldBeNull();
        message.Body.ShouldBe("häl\rlo \U0001F600");
        message.Attributes["Bytes"].Binary.ShouldBe([0, 255]);
        message.Attributes["Text"].ShouldBe(new("String.x", "y", null));
        (message.TraceHeader, message.GroupId, message.SenderId, message.ReceiveCount).ShouldBe(("Root=1-2-3", "tenant", "AIDA", 1));

        // And the same from its rows.
        _queues.Advance(31);
        var again = (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem();
        (again.MessageId, again.Body, again.TraceHeader, again.SenderId, again.ReceiveCount).ShouldBe((message.MessageId, message.Body, message.TraceHeader, message.SenderId, 2));
        again.Attributes["Bytes"].Binary.ShouldBe([0, 255]);
        again.FirstReceived.ShouldBe(message.FirstReceived);
        again.ReceiptHandle.ShouldNotBe(message.ReceiptHandle);
        (await _queues.DeleteAsync(key, message.ReceiptHandle)).ShouldBe(HandleEnd.Done);
        _queues.Engine.Count(key).ShouldBe(new(0, 0, 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReceivedMessage_IsInvisibleUntilItsTime(bool durable)
    {
        var key = await _queues.PutAsync("q");
        await _queues.SendAsync(key, "a");
        var request = new ReceiveRequest { Most = 10, WaitSeconds = 0, Durable = durable };
        var message = (await _queues.Engine.ReceiveAsync(key, request, default)).ShouldHaveSingleItem();
        (await _queues.ReceiveAsync(key)).ShouldBeEmpty();
        _queues.Engine.Count(key).ShouldBe(new(0, 1, 0));
        (await _queues.ChangeAsync(key, message.ReceiptHandle, 100)).ShouldBe(HandleEnd.Done);
        _queues.Advance(99);
        (await _queues.ReceiveAsync(key)).ShouldBeEmpty();
        _queues.Advance(1);
        (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem().ReceiveCount.ShouldBe(2);
    }

    [Fact]
    public async Task VisibilityOfNoTime_GivesTheMessageToTheNext_ButNotTwiceInOneReceive()
    {
        var key = await _queues.PutAsync("q");
        await _queues.SendAsync(key, "a");
        (await _queues.ReceiveAsync(key, visibility: 0)).ShouldHaveSingleItem();
        var message = (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem();
        message.ReceiveCount.ShouldBe(2);
        (await _queues.ChangeAsync(key, message.ReceiptHandle, 0)).ShouldBe(HandleEnd.Done);
        (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem().ReceiveCount.ShouldBe(3);
    }

    [Fact]
    public async Task VisibilityOfMoreThanTwelveHours_OfWhatIsGone_OrOfWhatIsVisible_IsRefused()
    {
        var key = await _queues.PutAsync("q");
        await _queues.SendAsync(key, "a");
        var message = (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem();
        _queues.Advance(10);
        (await _queues.ChangeAsync(key, message.ReceiptHandle, 43_191)).ShouldBe(HandleEnd.TooLong);
        (await _queues.ChangeAsync(key, message.ReceiptHandle, 43_190)).ShouldBe(HandleEnd.Done);
        _queues.Advance(43_190);
        (await _queues.ChangeAsync(key, message.ReceiptHandle, 5)).ShouldBe(HandleEnd.NotInFlight);
        await _queues.DeleteAsync(key, message.ReceiptHandle);
        (await _queues.ChangeAsync(key, message.ReceiptHandle, 5)).ShouldBe(HandleEnd.Gone);
    }

    [Fact]
    public async Task DelayedMessage_ComesAtItsTime()
    {
        var key = await _queues.PutAsync("q", static queue => queue with { DelaySeconds = 5 });
        await _queues.SendAsync(key, "queue's");
        await _queues.SendAsync(key, "own", delay: 10);
        await _queues.SendAsync(key, "none", delay: 0);
        _queues.Engine.Count(key).ShouldBe(new(1, 0, 2));
        (await _queues.ReceiveAsync(key)).Select(static message => message.Body).ShouldBe(["none"]);
        _queues.Advance(5);
        (await _queues.ReceiveAsync(key)).Select(static message => message.Body).ShouldBe(["queue's"]);
        _queues = _queues.Restart();
        _queues.Advance(4);
        (await _queues.ReceiveAsync(key)).ShouldBeEmpty();
        _queues.Advance(1);
        (await _queues.ReceiveAsync(key)).Select(static message => message.Body).ShouldBe(["own"]);
    }

    [Fact]
    public async Task MoreMessagesThanTheWindowHolds_AllComeOnce_AlsoAfterARestart()
    {
        var key = await _queues.PutAsync("q");
        for (var i = 0; i < 100; i++)
        {
            await _queues.Engine.SendAsync(key, [.. Enumerable.Range(0, 10).Select(n => new NewMessage($"{i}-{n}") { GroupId = n % 3 == 0 ? $"t{i % 7}" : null })], default);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 50; i++)
        {
            (await _queues.ReceiveAsync(key)).Count(message => seen.Add(message.Body)).ShouldBe(10);
        }

        _queues.Engine.Count(key).ShouldBe(new(500, 500, 0));
        _queues = _queues.Restart();
        _queues.Engine.Count(key).ShouldBe(new(500, 500, 0));
        for (var i = 0; i < 50; i++)
        {
            (await _queues.ReceiveAsync(key)).Count(message => seen.Add(message.Body)).ShouldBe(10);
        }

        (await _queues.ReceiveAsync(key)).ShouldBeEmpty();
        _queues.Advance(30);
        (await _queues.ReceiveAsync(key)).Count.ShouldBe(10);
    }

    [Fact]
    public async Task Crash_LosesNoSendAndNoDelete_AndNoReceiveThatWasWaitedFor()
    {
        var key = await _queues.PutAsync("q");
        foreach (var body in new[] { "deleted", "received", "waiting" })
        {
            await _queues.SendAsync(key, body);
        }

        var deleted = (await _queues.ReceiveAsync(key, most: 1)).ShouldHaveSingleItem();
        var received = (await _queues.ReceiveAsync(key, most: 1)).ShouldHaveSingleItem();
        await _queues.DeleteAsync(key, deleted.ReceiptHandle);

        using var after = _queues.Crash(Path.Combine(_folder, "after"));
        after.Engine.Count(key).ShouldBe(new(1, 1, 0));
        (await after.ReceiveAsync(key)).ShouldHaveSingleItem().Body.ShouldBe("waiting");
        (await after.DeleteAsync(key, received.ReceiptHandle)).ShouldBe(HandleEnd.Done);
        after.Advance(31);
        (await after.ReceiveAsync(key)).ShouldHaveSingleItem().Body.ShouldBe("waiting");
    }

    [Fact]
    public async Task MessageThatWasReceivedTooOften_GoesToTheDeadLetterQueue()
    {
        var dead = await _queues.PutAsync("dead");
        var key = await _queues.PutAsync("q", queue => queue with { RedrivePolicy = new(dead, 2) });
        var sent = await _queues.SendAsync(key, "poison", group: "tenant");
        await _queues.SendAsync(key, "other");
        var started = _queues.Time.GetUtcNow();
        for (var i = 0; i < 2; i++)
        {
            (await _queues.ReceiveAsync(key)).Count.ShouldBe(2);
            _queues.Advance(30);
        }

        // A caller that waits there gets them as soon as they come.
        var waiting = _queues.ReceiveAsync(dead, wait: 20);
        (await _queues.ReceiveAsync(key)).ShouldBeEmpty();
        var letters = (await waiting).Concat(await _queues.ReceiveAsync(dead)).ToList();
        letters.Count.ShouldBe(2);
        var letter = letters.Single(message => message.MessageId == sent.MessageId);
        (letter.Body, letter.GroupId, letter.ReceiveCount, letter.DeadLetterSourceArn, letter.Sent).ShouldBe(("poison", "tenant", 1, key.Arn, started));
        _queues.Engine.Count(key).ShouldBe(new(0, 0, 0));
        _queues.Engine.Count(dead).ShouldBe(new(0, 2, 0));
    }

    [Fact]
    public async Task DeadLetterQueueThatIsGone_LeavesTheMessageWhereItIs()
    {
        var dead = await _queues.PutAsync("dead");
        var key = await _queues.PutAsync("q", queue => queue with { RedrivePolicy = new(dead, 1) });
        await _queues.SendAsync(key, "a");
        await _queues.ReceiveAsync(key, visibility: 0);
        await _queues.Queues.ApplyAsync(_ => new() { Remove = [dead] }, default);
        (await _queues.ReceiveAsync(key, visibility: 0)).ShouldHaveSingleItem().ReceiveCount.ShouldBe(2);
    }

    [Fact]
    public async Task LongPoll_IsAnsweredAtOnce_WhenAMessageComesOrBecomesVisibleOrTheTimeIsOver()
    {
        var key = await _queues.PutAsync("q", static queue => queue with { ReceiveWaitSeconds = 20 });
        var waiting = _queues.Engine.ReceiveAsync(key, new() { Most = 10 }, default);
        waiting.IsCompleted.ShouldBeFalse();
        await _queues.SendAsync(key, "a");
        (await waiting).ShouldHaveSingleItem().Body.ShouldBe("a");

        // Visible again after 30 s: one that waits from 15 s on gets it.
        _queues.Advance(15);
        waiting = _queues.Engine.ReceiveAsync(key, new() { Most = 10 }, default);
        waiting.IsCompleted.ShouldBeFalse();
        _queues.Advance(15);
        (await waiting).ShouldHaveSingleItem().ReceiveCount.ShouldBe(2);

        waiting = _queues.Engine.ReceiveAsync(key, new() { Most = 10, WaitSeconds = 3 }, default);
        _queues.Advance(2);
        waiting.IsCompleted.ShouldBeFalse();
        _queues.Advance(1);
        (await waiting).ShouldBeEmpty();
    }

    [Fact]
    public async Task WaiterOfAQueueWithOneInFlight_SeesWhatSomebodyElseReceivedMeanwhile()
    {
        var key = await _queues.PutAsync("q");
        await _queues.SendAsync(key, "a", delay: 15);
        var waiting = _queues.ReceiveAsync(key, wait: 20);
        await _queues.SendAsync(key, "b", delay: 10);
        _queues.Advance(10);
        (await waiting).ShouldHaveSingleItem().Body.ShouldBe("b");
    }

    [Fact]
    public async Task CallerThatWentAway_TakesNothingWithIt()
    {
        var key = await _queues.PutAsync("q");
        using var gone = new CancellationTokenSource();
        var first = _queues.Engine.ReceiveAsync(key, new() { WaitSeconds = 20 }, gone.Token);
        var second = _queues.ReceiveAsync(key, wait: 20);
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        await _queues.SendAsync(key, "a");
        (await second).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task RemovedQueue_EndsWaiting_AndItsNameBeginsAnew()
    {
        var key = await _queues.PutAsync("q");
        await _queues.SendAsync(key, "old");
        var old = (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem();
        var waiting = _queues.ReceiveAsync(key, wait: 20);
        var prepared = _queues.Engine.Prepare(key, [new("late")]);
        await _queues.Queues.ApplyAsync(_ => new() { Remove = [key] }, default);
        (await Should.ThrowAsync<QueueException>(waiting)).Error.ShouldBe(QueueError.NonExistentQueue);
        (await Should.ThrowAsync<QueueException>(_queues.Database.WriteAsync(prepared.Write, default))).Error.ShouldBe(QueueError.NonExistentQueue);

        await _queues.PutAsync("q");
        (await _queues.ReceiveAsync(key)).ShouldBeEmpty();
        (await _queues.DeleteAsync(key, old.ReceiptHandle)).ShouldBe(HandleEnd.Done);
        await _queues.Sweeper.SweepAsync(default);
        Rows().ShouldBe(0);
    }

    [Fact]
    public async Task PurgedQueue_IsEmptyAtOnce_AndTakesNewMessages()
    {
        var key = await _queues.PutAsync("q");
        await _queues.SendAsync(key, "waiting");
        await _queues.SendAsync(key, "delayed", delay: 60);
        await _queues.SendAsync(key, "in flight");
        await _queues.ReceiveAsync(key, most: 1);
        var prepared = _queues.Engine.Prepare(key, [new("kept")]);
        var waiting = _queues.ReceiveAsync(await _queues.PutAsync("other"), wait: 1);
        await _queues.Engine.PurgeAsync(key, default);
        _queues.Engine.Count(key).ShouldBe(new(0, 0, 0));
        (await Should.ThrowAsync<QueueException>(_queues.Engine.PurgeAsync(key, default))).Error.ShouldBe(QueueError.PurgeInProgress);

        // Accepted before, written after: it is in the queue.
        await _queues.Database.WriteAsync(prepared.Write, default);
        prepared.Publish();
        await _queues.Sweeper.SweepAsync(default);
        Rows().ShouldBe(1);
        _queues = _queues.Restart();
        _queues.Engine.Count(key).ShouldBe(new(1, 0, 0));
        (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem().Body.ShouldBe("kept");
        _queues.Advance(60);
        await _queues.Engine.PurgeAsync(key, default);
        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task MessageThatIsTooOld_IsNotReceived_AndSwept()
    {
        var key = await _queues.PutAsync("q", static queue => queue with { RetentionSeconds = 60 });
        var longer = await _queues.PutAsync("longer", static queue => queue with { RetentionSeconds = 120 });
        foreach (var queue in new[] { key, longer })
        {
            await _queues.SendAsync(queue, "a");
        }

        await _queues.SendAsync(key, "in flight");
        await _queues.ReceiveAsync(key, most: 1, visibility: 1000);
        _queues.Advance(60);
        (await _queues.ReceiveAsync(key)).ShouldBeEmpty();
        await _queues.Sweeper.SweepAsync(default);
        _queues.Engine.Count(key).ShouldBe(new(0, 0, 0));
        Rows().ShouldBe(1);
        (await _queues.ReceiveAsync(longer)).ShouldHaveSingleItem();
        await _queues.PutAsync("longer", static queue => queue with { RetentionSeconds = 60 });
        await _queues.Sweeper.SweepAsync(default);
        Rows().ShouldBe(0);
    }

    [Fact]
    public async Task HandleThatIsNotOurs_OrOfAnotherQueue_IsInvalid()
    {
        var key = await _queues.PutAsync("q");
        var other = await _queues.PutAsync("other");
        await _queues.SendAsync(key, "a");
        var handle = (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem().ReceiptHandle;
        var tampered = (handle[0] == 'A' ? 'B' : 'A') + handle[1..];
        foreach (var bad in new[] { "", "x", tampered, handle + "A", handle[..^1], new string('\u00e9', handle.Length), new string('A', handle.Length) })
        {
            (await _queues.DeleteAsync(key, bad)).ShouldBe(HandleEnd.Invalid, bad);
            (await _queues.ChangeAsync(key, bad, 1)).ShouldBe(HandleEnd.Invalid, bad);
        }

        (await _queues.DeleteAsync(other, handle)).ShouldBe(HandleEnd.Invalid);
        _queues = _queues.Restart();
        (await _queues.DeleteAsync(key, handle)).ShouldBe(HandleEnd.Done);
        (await _queues.DeleteAsync(key, handle)).ShouldBe(HandleEnd.Done);
    }

    [Fact]
    public async Task ManySendersAndReceivers_EachMessageComesOnce()
    {
        var key = await _queues.PutAsync("q");
        const int each = 150;
        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                await _queues.SendAsync(key, $"{sender}-{i}", group: sender == 0 ? $"t{i % 3}" : null);
            }
        })).ToArray();
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var done = new CancellationTokenSource();
        var receivers = Enumerable.Range(0, 4).Select(receiver => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                foreach (var message in await _queues.Engine.ReceiveAsync(key, new() { Most = 3, WaitSeconds = 20, Durable = receiver % 2 == 0 }, done.Token))
                {
                    seen.Add(message.Body);
                    (await _queues.DeleteAsync(key, message.ReceiptHandle)).ShouldBe(HandleEnd.Done);
                }
            }
        })).ToArray();
        await Task.WhenAll(senders);
        for (var i = 0; i < 3000 && (_queues.Engine.Count(key) != new QueueCounts(0, 0, 0) || seen.Count < 4 * each); i++)
        {
            await Task.Delay(10);
        }

        await done.CancelAsync();
        foreach (var receiver in receivers)
        {
            await Should.ThrowAsync<OperationCanceledException>(receiver);
        }

        seen.Count.ShouldBe(4 * each);
        seen.Distinct(StringComparer.Ordinal).Count().ShouldBe(4 * each);
        Rows().ShouldBe(0);
    }

    private long Rows() => _queues.Database.Read(static session =>
        (long)session.Scalar("SELECT (SELECT count(*) FROM queue_messages) + (SELECT count(*) FROM queue_bodies WHERE id NOT IN (SELECT id FROM queue_messages))")!);
}
