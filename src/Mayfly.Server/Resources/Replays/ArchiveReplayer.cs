using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.Replays;

/// <summary>
/// Sends what archives keep once more, and lets go what they have kept for long enough. What a batch makes, and how far
/// the replay has come with it, are one transaction: after a crash it goes on with the next event, and none is sent twice.
/// </summary>
/// <param name="database">The store.</param>
/// <param name="buses">Rules and archives.</param>
/// <param name="router">Who gets what.</param>
/// <param name="delivery">What brings it there.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
public sealed partial class ArchiveReplayer(Database database, BusRegistry buses, EventRouter router, Delivery delivery, TimeProvider time, ILogger<ArchiveReplayer> log)
{
    private const int Batch = 64;
    private const int BatchBytes = 4 * 1024 * 1024;
    private const int TrimBatch = 1000;

    private static readonly TimeSpan TrimPeriod = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(90);

    private readonly DueSignal _due = new(time);
    private DateTimeOffset _trimmed;

    /// <summary>Every replay.</summary>
    public IReadOnlyList<Replay> All => database.Read(ReplayStore.All);

    /// <summary>A replay.</summary>
    public Replay? Find(ReplayKey key) => database.Read(session => ReplayStore.Find(session, key));

    /// <summary>Changes a replay, or makes one. May throw to refuse.</summary>
    public async Task<Replay> ChangeAsync(ReplayKey key, Func<Replay?, Replay> change)
    {
        var changed = await database.WriteAsync(
            session =>
            {
                var replay = change(ReplayStore.Find(session, key));
                ReplayStore.Put(session, replay);
                return replay;
            },
            CancellationToken.None);
        _due.Wake();
        return changed;
    }

    /// <summary>Runs until the token fires.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            _due.Look();
            List<Replay> open = [];
            var failed = !await TryAsync(async () =>
            {
                open = database.Read(ReplayStore.Open);
                await TrimAsync(stopping);
            });
            foreach (var replay in open)
            {
                failed |= !await TryAsync(() => StepAsync(replay));
            }

            if (failed || open.Count == 0)
            {
                await _due.WaitAsync(failed ? DueSignal.AfterFailure : DueSignal.LongestSleep, stopping);
            }
        }
    }

    // What one replay stumbles over does not hold up the others.
    private async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception e) when (e is not ObjectDisposedException)
        {
            Log.Failed(log, e);
            return false;
        }
    }

    private static string? Obstacle(Replay replay, BusSnapshot snapshot) =>
        snapshot.Find(replay.Archive) is null ? $"Archive {replay.Archive.Name} does not exist."
        : snapshot.Find(replay.Destination) is null ? $"Event bus {replay.Destination.Name} does not exist."
        : null;

    private async Task StepAsync(Replay replay)
    {
        // 1. What is next?
        var now = time.GetUtcNow();
        var after = ((replay.LastTime ?? replay.From).ToUnixTimeMilliseconds(), replay.LastId);
        var obstacle = Obstacle(replay, buses.Current);
        var rows = obstacle is null && ReplayStates.Sends(replay.State)
            ? database.Read(session => ArchiveStore.Read(session, replay.Archive.Arn, after, replay.To.ToUnixTimeMilliseconds(), Batch))
            : [];

        // 2. What does it make?
        var (made, bytes) = (new RoutedEvents(), 0);
        var stepped = replay with { State = ReplayStates.Running };
        foreach (var (moment, id, content) in rows)
        {
            router.Route(Event(replay, content), made, replay.FilterArns.Count == 0 ? null : rule => replay.FilterArns.Contains(rule.Arn, StringComparer.Ordinal));
            stepped = stepped with { LastId = id, LastTime = DateTimeOffset.FromUnixTimeMilliseconds(moment) };
            bytes += content.Length;
            if (bytes > BatchBytes)
            {
                break;
            }
        }

        // 3. Settle, unless it was cancelled meanwhile: then the next round does.
        if (replay.State == ReplayStates.Cancelling)
        {
            stepped = replay with { State = ReplayStates.Cancelled, Ended = now };
        }
        else if (obstacle is not null)
        {
            stepped = replay with { State = ReplayStates.Failed, StateReason = obstacle, Ended = now };
        }
        else if (rows.Count == 0)
        {
            stepped = replay with { State = ReplayStates.Completed, Ended = now };
        }

        var isWritten = await database.WriteAsync(
            session =>
            {
                if (ReplayStore.Find(session, replay.Key)?.State != replay.State)
                {
                    return false;
                }

                made.Write(session, now);
                ReplayStore.Put(session, stepped);
                return true;
            },
            CancellationToken.None);
        if (isWritten)
        {
            made.Wake(delivery);
        }
    }

    private static BusEvent Event(Replay replay, byte[] content)
    {
        var document = JsonNode.Parse(content)!.AsObject();
        var id = (string)document["id"]!;
        document[BusArchives.ReplayName] = replay.Key.Name;
        return new(replay.Destination, id, JsonSerializer.SerializeToElement(document, ReplayJson.Default.JsonObject)) { Cause = replay.Key.Arn };
    }

    private async Task TrimAsync(CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        if (now - _trimmed < TrimPeriod)
        {
            return;
        }

        foreach (var archive in buses.Current.Archives.ByKey.Values.Where(static archive => archive.RetentionDays > 0))
        {
            var before = now - TimeSpan.FromDays(archive.RetentionDays);
            while (!stopping.IsCancellationRequested && await database.WriteAsync(session => ArchiveStore.Trim(session, archive.Key, before, TrimBatch), CancellationToken.None) == TrimBatch)
            {
                // The next thousand.
            }
        }

        await database.WriteAsync(session => ReplayStore.Trim(session, now - KeptAfterEnd), CancellationToken.None);
        _trimmed = now;
    }

    private static partial class Log
    {
        [LoggerMessage(5300, LogLevel.Error, "Replaying archives failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
