using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Tests.Resources.Queues;

/// <summary>What FIFO queues do beside what <see cref="QueueModelTests"/> holds them to.</summary>
public sealed class FifoQueueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private QueueFixture _queues;

    public FifoQueueTests() => _queues = new(_folder);

    public void Dispose()
    {
        _queues.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task MessageSentTwice_IsThereOnce_ForFiveMinutes_AlsoOnceItWasDeleted()
    {
        var key = await _queues.PutAsync("q.fifo");
        var first = await _queues.SendAsync(key, "a", "g", "id");
        var message = (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem();
        (message.MessageId, message.SequenceNumber, message.GroupId, message.DeduplicationId).ShouldBe((first.MessageId, first.SequenceNumber, "g", "id"));
        first.SequenceNumber!.Length.ShouldBe(20);
        await _queues.DeleteAsync(key, message.ReceiptHandle);
        _queues = _queues.Restart();
        _queues.Advance(299);
        (await _queues.SendAsync(key, "b", "other", "id")).ShouldBe(first);
        _queues.Engine.Count(key).ShouldBe(new(0, 0, 0));
        _queues.Advance(1);
        (await _queues.SendAsync(key, "c", "g", "id")).ShouldNotBe(first);
        _queues.Engine.Count(key).Visible.ShouldBe(1);
    }

    [Fact]
    public async Task DeduplicationPerGroup_KnowsIdsOfTheGroupAlone_AndOneBatchMayRepeatItself()
    {
        var key = await _queues.PutAsync("q.fifo", static queue => queue with { DeduplicatePerGroup = true });
        var sent = await _queues.Engine.SendAsync(
            key,
            [
                new("1") { GroupId = "a", DeduplicationId = "id" },
                new("2") { GroupId = "b", DeduplicationId = "id" },
                new("3") { GroupId = "a", DeduplicationId = "id" },
            ],
            default);
        sent[2].ShouldBe(sent[0]);
        (await _queues.ReceiveAsync(key)).Select(static message => message.Body).ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task MessageWithoutGroupOrId_IsRefused()
    {
        var key = await _queues.PutAsync("q.fifo");
        var standard = await _queues.PutAsync("q", static queue => queue with { MaximumMessageSize = 1024 });
        (await RefusalAsync(key, new("a") { DeduplicationId = "x" })).ShouldBe(QueueError.MissingGroup);
        (await RefusalAsync(key, new("a") { GroupId = "x" })).ShouldBe(QueueError.MissingDeduplication);
        (await RefusalAsync(key, new("a") { GroupId = "x", DeduplicationId = "y", DelaySeconds = 1 })).ShouldBe(QueueError.UnwantedDelay);
        (await RefusalAsync(standard, new("a") { DeduplicationId = "y" })).ShouldBe(QueueError.UnwantedDeduplication);
        (await RefusalAsync(standard, new(""))).ShouldBe(QueueError.EmptyBody);
        foreach (var body in new[] { "\0", "\u001f", "\ufffe", "\uffff", "a\ud800", "\udc00\ud800" })
        {
            (await RefusalAsync(standard, new(body))).ShouldBe(QueueError.InvalidContents);
        }

        (await RefusalAsync(standard, new(new string('x', 1023) + "é"))).ShouldBe(QueueError.TooLong);
        var attributes = NewMessage.NoAttributes.Add("abc", new("String", "1234", null)).Add("d", new("Binary", null, new byte[10]));
        (await RefusalAsync(standard, new(new string('x', 1024 - 13 - 17 + 1)) { Attributes = attributes })).ShouldBe(QueueError.TooLong);
        await _queues.Engine.SendAsync(standard, [new(new string('x', 1024 - 13 - 17)) { Attributes = attributes }], default);
        await _queues.SendAsync(standard, "\t\n\r \ud83d\ude00\ufffd");
    }

    [Fact]
    public async Task ReceiveOfOneGroup_StopsAtItsEnd()
    {
        var key = await _queues.PutAsync("q.fifo", static queue => queue with { ContentBasedDeduplication = true });
        foreach (var (body, group) in new[] { ("a1", "a"), ("b1", "b"), ("a2", "a"), ("b2", "b") })
        {
            await _queues.SendAsync(key, body, group);
        }

        var request = new ReceiveRequest { Most = 10, WaitSeconds = 0, OneGroup = true, Durable = false };
        var batches = new List<string>();
        while (await _queues.Engine.ReceiveAsync(key, request, default) is { Count: > 0 } batch)
        {
            batches.Add(string.Join(' ', batch.Select(static message => message.Body)));
        }

        batches.ShouldBe(["a1 a2", "b1 b2"]);
    }

    [Fact]
    public async Task GroupThatWaitsForItsMessages_DoesNotHoldUpOthers_AndWakesAWaiterWhenItIsFree()
    {
        var key = await _queues.PutAsync("q.fifo", static queue => queue with { ContentBasedDeduplication = true });
        await _queues.SendAsync(key, "a1", "a");
        await _queues.SendAsync(key, "a2", "a");
        var first = (await _queues.ReceiveAsync(key, most: 1)).ShouldHaveSingleItem();
        var waiting = _queues.ReceiveAsync(key, wait: 20);
        await _queues.SendAsync(key, "b1", "b");
        (await waiting).ShouldHaveSingleItem().Body.ShouldBe("b1");
        waiting = _queues.ReceiveAsync(key, wait: 20);
        waiting.IsCompleted.ShouldBeFalse();
        await _queues.DeleteAsync(key, first.ReceiptHandle);
        (await waiting).ShouldHaveSingleItem().Body.ShouldBe("a2");
    }

    [Fact]
    public async Task DelayOfTheQueue_CountsForWhatIsThere()
    {
        var key = await _queues.PutAsync("q.fifo", static queue => queue with { ContentBasedDeduplication = true, DelaySeconds = 60 });
        await _queues.SendAsync(key, "a1", "a");
        (await _queues.ReceiveAsync(key)).ShouldBeEmpty();
        _queues.Engine.Count(key).ShouldBe(new(0, 0, 1));
        _queues.Advance(10);
        await _queues.SendAsync(key, "a2", "a");
        var waiting = _queues.ReceiveAsync(key, wait: 20);
        await _queues.PutAsync("q.fifo", static queue => queue with { DelaySeconds = 15 });
        waiting.IsCompleted.ShouldBeFalse();
        _queues.Advance(5);
        (await waiting).ShouldHaveSingleItem().Body.ShouldBe("a1");
        _queues.Engine.Count(key).ShouldBe(new(0, 1, 1));
        await _queues.PutAsync("q.fifo", static queue => queue with { DelaySeconds = 900 });
        _queues.Advance(30);
        (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem().Body.ShouldBe("a1");
    }

    [Fact]
    public async Task SecondReceiveWithTheSameAttempt_GetsTheSame_UntilOneWasDeleted()
    {
        var key = await _queues.PutAsync("q.fifo", static queue => queue with { ContentBasedDeduplication = true });
        await _queues.SendAsync(key, "a1", "a");
        await _queues.SendAsync(key, "a2", "a");
        var request = new ReceiveRequest { Most = 2, WaitSeconds = 0, AttemptId = "attempt" };
        var first = await _queues.Engine.ReceiveAsync(key, request, default);
        _queues.Advance(20);
        var second = await _queues.Engine.ReceiveAsync(key, request, default);
        second.Select(static message => (message.Body, message.ReceiveCount)).ShouldBe(first.Select(static message => (message.Body, message.ReceiveCount)));
        (await _queues.Engine.ReceiveAsync(key, request with { AttemptId = "another" }, default)).ShouldBeEmpty();

        // Its time began anew.
        _queues.Advance(20);
        (await _queues.DeleteAsync(key, first[0].ReceiptHandle)).ShouldBe(HandleEnd.Done);
        (await _queues.Engine.ReceiveAsync(key, request, default)).ShouldBeEmpty();
        (await _queues.DeleteAsync(key, second[1].ReceiptHandle)).ShouldBe(HandleEnd.Done);
    }

    [Fact]
    public async Task DeadLetter_HasANewAge_AndItsOwnIdForDeduplication()
    {
        var dead = await _queues.PutAsync("dead.fifo");
        var key = await _queues.PutAsync("q.fifo", queue => queue with { RedrivePolicy = new(dead, 1) });
        var sent = await _queues.SendAsync(key, "poison", "g", "id");
        await _queues.SendAsync(key, "next", "g", "id2");
        await _queues.ReceiveAsync(key, most: 1);
        _queues.Advance(30);
        (await _queues.ReceiveAsync(key, most: 1)).ShouldHaveSingleItem().Body.ShouldBe("next");
        var letter = (await _queues.ReceiveAsync(dead)).ShouldHaveSingleItem();
        (letter.MessageId, letter.DeduplicationId, letter.GroupId, letter.DeadLetterSourceArn).ShouldBe((sent.MessageId, sent.MessageId, "g", key.Arn));
        letter.Sent.ShouldBe(_queues.Time.GetUtcNow());
    }

    [Fact]
    public async Task Crash_KeepsAGroupOccupied()
    {
        var key = await _queues.PutAsync("q.fifo", static queue => queue with { ContentBasedDeduplication = true });
        await _queues.SendAsync(key, "a1", "a");
        await _queues.SendAsync(key, "a2", "a");
        var first = (await _queues.ReceiveAsync(key, most: 1)).ShouldHaveSingleItem();
        using var after = _queues.Crash(Path.Combine(_folder, "after"));
        after.Engine.Count(key).ShouldBe(new(1, 1, 0));
        (await after.ReceiveAsync(key)).ShouldBeEmpty();
        (await after.DeleteAsync(key, first.ReceiptHandle)).ShouldBe(HandleEnd.Done);
        (await after.ReceiveAsync(key)).ShouldHaveSingleItem().Body.ShouldBe("a2");
    }

    [Fact]
    public async Task OldMessagesAndIds_AreSwept()
    {
        var key = await _queues.PutAsync("q.fifo", static queue => queue with { ContentBasedDeduplication = true, RetentionSeconds = 400 });
        await _queues.SendAsync(key, "a1", "a");
        _queues.Advance(200);
        await _queues.SendAsync(key, "a2", "a");
        await _queues.SendAsync(key, "b1", "b");
        _queues.Advance(200);
        await _queues.Sweeper.SweepAsync(default);
        _queues.Engine.Count(key).ShouldBe(new(2, 0, 0));
        Count("SELECT count(*) FROM queue_dedup").ShouldBe(2);
        _queues.Advance(100);
        (await _queues.ReceiveAsync(key)).Select(static message => message.Body).ShouldBe(["a2", "b1"]);
        _queues.Advance(100);
        (await _queues.ReceiveAsync(key)).ShouldBeEmpty();
        await _queues.Sweeper.SweepAsync(default);
        foreach (var table in new[] { "queue_messages", "queue_bodies", "queue_groups", "queue_dedup" })
        {
            Count($"SELECT count(*) FROM {table}").ShouldBe(0, table);
        }

        _queues.Engine.Count(key).ShouldBe(new(0, 0, 0));
    }

    private long Count(string sql) => _queues.Database.Read(session => (long)session.Scalar(sql)!);

    private async Task<QueueError> RefusalAsync(QueueKey key, NewMessage message) =>
        (await Should.ThrowAsync<QueueException>(() => _queues.Engine.SendAsync(key, [message], default))).Error;
}
