using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Resources.Queues;

/// <summary>Queues over a real store, with a clock of the test's. Opened again on the same folder it is a restart.</summary>
internal sealed class QueueFixture : IDisposable
{
    private readonly string _folder;

    public QueueFixture(string folder, VirtualTime? time = null)
    {
        (_folder, Time) = (folder, time ?? new());
        Database = Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance);
        Queues = new(Database, Time);
        Engine = new(Database, Queues, new(folder), Time, NullLogger<QueueEngine>.Instance);
        Sweeper = new(Database, Queues, Engine, Time, NullLogger<QueueSweeper>.Instance);
        Moves = new(Database, Queues, Engine, Time, NullLogger<MoveTasks>.Instance);
    }

    public VirtualTime Time { get; }

    public Database Database { get; }

    public QueueRegistry Queues { get; }

    public QueueEngine Engine { get; }

    public QueueSweeper Sweeper { get; }

    public MoveTasks Moves { get; }

    public static QueueKey Key(string name) => new("000000000000", "us-east-1", name);

    /// <summary>Makes a queue, or changes it.</summary>
    public async Task<QueueKey> PutAsync(string name, Func<MessageQueue, MessageQueue>? with = null)
    {
        var queue = Queues.Current.Find(Key(name)) ?? new() { Key = Key(name), Created = Time.GetUtcNow(), LastModified = Time.GetUtcNow() };
        await Queues.ApplyAsync(_ => new() { Put = [with?.Invoke(queue) ?? queue] }, CancellationToken.None);
        return Key(name);
    }

    public async Task<SentMessage> SendAsync(QueueKey key, string body, string? group = null, string? deduplication = null, int? delay = null) =>
        (await Engine.SendAsync(key, [new(body) { GroupId = group, DeduplicationId = deduplication, DelaySeconds = delay }], CancellationToken.None))[0];

    public Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(QueueKey key, int most = 10, int wait = 0, int? visibility = null) =>
        Engine.ReceiveAsync(key, new() { Most = most, WaitSeconds = wait, VisibilitySeconds = visibility }, CancellationToken.None);

    public async Task<HandleEnd> DeleteAsync(QueueKey key, string handle) => (await Engine.DeleteAsync(key, [handle], CancellationToken.None))[0];

    public async Task<HandleEnd> ChangeAsync(QueueKey key, string handle, int seconds) => (await Engine.ChangeVisibilityAsync(key, [(handle, seconds)], CancellationToken.None))[0];

    /// <summary>Waits until receives that were not waited for are on disk and known to be.</summary>
    public async Task SettledAsync(QueueKey key)
    {
        var state = Engine.States.Of(Queues.Current.Find(key)!.Id);
        for (var i = 0; i < 1000 && state.CountHeld > 0; i++)
        {
            await Task.Delay(5);
        }

        state.CountHeld.ShouldBe(0);
    }

    public void Advance(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>What a crash would leave: the files as they are now, opened elsewhere.</summary>
    public QueueFixture Crash(string folder)
    {
        // What was given to the writer before is on disk then.
        Database.WriteAsync(static _ => { }, CancellationToken.None).GetAwaiter().GetResult();
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(_folder))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return new(folder, Time);
    }

    public QueueFixture Restart()
    {
        Dispose();
        return new(_folder, Time);
    }

    public void Dispose()
    {
        Queues.Dispose();
        Database.Dispose();
    }
}
