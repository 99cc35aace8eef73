using System.Globalization;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Tests.Resources.Queues;

/// <summary>FIFO and standard queues against naive models of them, over random calls and restarts.</summary>
public sealed class QueueModelTests : IDisposable
{
    private const int MostReceives = 3;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> Seeds => new(Enumerable.Range(0, 6).Select(static n => n == 5 ? System.Environment.TickCount : n * 7919));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task FifoQueue_DoesWhatTheModelDoes(int seed)
    {
        var random = new Random(seed);
        var queues = new QueueFixture(_folder);
        var dead = await queues.PutAsync("dead.fifo");
        var key = await queues.PutAsync("q.fifo", queue => queue with { ContentBasedDeduplication = true, RedrivePolicy = new(dead, MostReceives), VisibilitySeconds = 5 });
        var (line, letters) = (new List<Held>(), new List<string>());
        var sent = new Dictionary<string, (string MessageId, DateTimeOffset At)>(StringComparer.Ordinal);
        var handles = new List<(string Handle, Held Message, int Receive)>();
        try
        {
            for (var step = 0; step < 400; step++)
            {
                var now = queues.Time.GetUtcNow();
                var where = string.Create(CultureInfo.InvariantCulture, $"seed {seed}, step {step}");
                switch (random.Next(12))
                {
                    case 0 or 1 or 2 or 3:
                        // One in four was sent before; content tells, for five minutes.
                        var body = $"m{(sent.Count > 0 && random.Next(4) == 0 ? random.Next(sent.Count) : sent.Count)}";
                        var group = $"g{body.Length % 2}{body[^1]}";
                        var answer = await queues.SendAsync(key, body, group);
                        if (sent.TryGetValue(body, out var before) && now < before.At + TimeSpan.FromMinutes(5))
                        {
                            answer.MessageId.ShouldBe(before.MessageId, where);
                        }
                        else
                        {
                            sent[body] = (answer.MessageId, now);
                            line.Add(new(body, group));
                        }

                        break;
                    case 4 or 5 or 6:
                        var (most, visibility) = (random.Next(1, 11), random.Next(4) * 5);
                        var expected = Receive(line, letters, most, now, now.AddSeconds(visibility));
                        var got = await queues.ReceiveAsync(key, most, visibility: visibility);
                        got.Select(static message => message.Body).ShouldBe(expected.Select(static message => message.Body), where);
                        got.Select(static message => message.ReceiveCount).ShouldBe(expected.Select(static message => message.Receives), where);
                        handles.AddRange(got.Zip(expected, static (message, held) => (message.ReceiptHandle, held, held.Receives)));
                        break;
                    case 7 or 8 when handles.Count > 0:
                        var (handle, which, receive) = handles[random.Next(handles.Count)];
                        var isThere = line.Contains(which);
                        var inFlight = isThere && which.Receives == receive && which.Until > now;
                        (await queues.DeleteAsync(key, handle)).ShouldBe(inFlight || !isThere ? HandleEnd.Done : HandleEnd.Expired, where);
                        _ = inFlight && line.Remove(which);
                        break;
                    case 9 when handles.Count > 0:
                        var (changed, held, times) = handles[random.Next(handles.Count)];
                        var seconds = random.Next(3) * 4;
                        var end = !line.Contains(held) ? HandleEnd.Gone : held.Receives == times && held.Until > now ? HandleEnd.Done : HandleEnd.Expired;
                        (await queues.ChangeAsync(key, changed, seconds)).ShouldBe(end, where);
                        held.Until = end == HandleEnd.Done ? now.AddSeconds(seconds) : held.Until;
                        break;
                    case 10:
                        queues.Advance(random.Next(10) == 0 ? 200 : random.Next(8));
                        break;
                    case 11 when random.Next(8) == 0:
                        queues = queues.Restart();
                        break;
                }

                var flying = line.Count(message => message.Until > queues.Time.GetUtcNow());
                queues.Engine.Count(key).ShouldBe(new(line.Count - flying, flying, 0), where);
            }

            var found = new List<string>();
            while (await queues.ReceiveAsync(dead, visibility: 40_000) is { Count: > 0 } more)
            {
                found.AddRange(more.Select(static message => message.Body));
                foreach (var message in more)
                {
                    await queues.DeleteAsync(dead, message.ReceiptHandle);
                }
            }

            found.Order(StringComparer.Ordinal).ShouldBe(letters.Order(StringComparer.Ordinal), $"seed {seed}");
        }
        finally
        {
            queues.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task StandardQueue_GivesWhatIsVisible_AndNothingElse(int seed)
    {
        var random = new Random(seed);
        var queues = new QueueFixture(_folder);
        var key = await queues.PutAsync("q");
        var line = new Dictionary<string, Held>(StringComparer.Ordinal);
        var handles = new List<(string Handle, string Body)>();
        try
        {
            for (var step = 0; step < 300; step++)
            {
                var now = queues.Time.GetUtcNow();
                var where = string.Create(CultureInfo.InvariantCulture, $"seed {seed}, step {step}");
                switch (random.Next(10))
                {
                    case 0 or 1:
                        var batch = Enumerable.Range(0, random.Next(1, 40)).Select(n => (Body: $"{step}-{n}", Delay: random.Next(3) == 0 ? random.Next(20) : 0)).ToList();
                        await queues.Engine.SendAsync(key, [.. batch.Select(message => new NewMessage(message.Body) { DelaySeconds = message.Delay, GroupId = random.Next(2) == 0 ? $"t{random.Next(3)}" : null })], default);
                        batch.ForEach(message => line[message.Body] = new(message.Body, "") { Until = now.AddSeconds(message.Delay) });
                        break;
                    case 2 or 3 or 4 or 5:
                        var (most, visibility) = (random.Next(1, 11), random.Next(4) * 5);
                        var visible = line.Values.Count(message => message.Until <= now);
                        var got = await queues.Engine.ReceiveAsync(key, new() { Most = most, WaitSeconds = 0, VisibilitySeconds = visibility, Durable = random.Next(2) == 0 }, default);
                        got.Count.ShouldBe(Math.Min(most, visible), where);
                        await queues.SettledAsync(key);
                        foreach (var message in got)
                        {
                            var held = line[message.Body];
                            held.Until.ShouldBeLessThanOrEqualTo(now, where);
                            held.Until = now.AddSeconds(visibility);
                            message.ReceiveCount.ShouldBe(++held.Receives, where);
                            handles.Add((message.ReceiptHandle, message.Body));
                        }

                        break;
                    case 6 when handles.Count > 0:
                        var deleted = handles[random.Next(handles.Count)];
                        (await queues.DeleteAsync(key, deleted.Handle)).ShouldBe(HandleEnd.Done, where);
                        line.Remove(deleted.Body);
                        break;
                    case 7 when handles.Count > 0:
                        var changed = handles[random.Next(handles.Count)];
                        var end = !line.TryGetValue(changed.Body, out var known) ? HandleEnd.Gone : known.Until > now ? HandleEnd.Done : HandleEnd.NotInFlight;
                        var seconds = random.Next(3) * 4;
                        (await queues.ChangeAsync(key, changed.Handle, seconds)).ShouldBe(end, where);
                        _ = end == HandleEnd.Done && (known!.Until = now.AddSeconds(seconds)) > now;
                        break;
                    case 8:
                        queues.Advance(random.Next(8));
                        break;
                    case 9 when random.Next(8) == 0:
                        queues = queues.Restart();
                        break;
                }

                now = queues.Time.GetUtcNow();
                var hidden = line.Values.Where(message => message.Until > now).ToList();
                var delayed = hidden.Count(static message => message.Receives == 0);
                queues.Engine.Count(key).ShouldBe(new(line.Count - hidden.Count, hidden.Count - delayed, delayed), where);
            }
        }
        finally
        {
            queues.Dispose();
        }
    }

    // The oldest groups of which nothing is in flight, each from its first message on.
    private static List<Held> Receive(List<Held> line, List<string> letters, int most, DateTimeOffset now, DateTimeOffset until)
    {
        var free = line.GroupBy(static message => message.Group, StringComparer.Ordinal).Where(group => group.All(message => message.Until <= now)).Select(static group => group.ToList()).ToList();
        var taken = new List<Held>();
        while (taken.Count < most && free.OrderBy(group => line.IndexOf(group[0])).FirstOrDefault() is { } group)
        {
            free.Remove(group);
            var looked = group.Take(most - taken.Count).ToList();
            var poison = looked.Where(static message => message.Receives >= MostReceives).ToList();
            letters.AddRange(poison.Select(static message => message.Body));
            line.RemoveAll(poison.Contains);
            looked.RemoveAll(poison.Contains);
            foreach (var message in looked)
            {
                (message.Until, message.Receives) = (until, message.Receives + 1);
                taken.Add(message);
            }

            // All that it looked at were dead letters: the group stays where it is.
            if (looked.Count == 0 && group.Skip(poison.Count).ToList() is { Count: > 0 } rest)
            {
                free.Add(rest);
            }
        }

        return taken;
    }

    private sealed class Held(string body, string group)
    {
        public string Body => body;

        public string Group => group;

        public int Receives { get; set; }

        public DateTimeOffset Until { get; set; }
    }
}
