using System.Collections.Concurrent;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>An activator whose clock moves when told, and whose instances are played by the test.</summary>
internal sealed class ActivatorFixture : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly ConcurrentBag<FakeShim> _shims = [];

    public ActivatorFixture(int maxInstances)
    {
        var settings = new ServerSettings { StoreFolder = "/none", ShimsFolder = "/none", InterpretersFile = "/none", MaxInstances = maxInstances };
        Activator = new(StartAsync, new(), settings, Time, NullLogger<RevisionActivator>.Instance);
        Loop = new(Activator, Time);
    }

    public VirtualTime Time { get; } = new();

    public RevisionActivator Activator { get; }

    public ScaleLoop Loop { get; }

    /// <summary>Every instance that was started.</summary>
    public int Started => _shims.Count;

    /// <summary>Starts wait for it; open unless replaced.</summary>
    public TaskCompletionSource Gate { get; set; } = Opened();

    /// <summary>How many starts are under way.</summary>
    public int Starting;

    public IReadOnlyCollection<FakeShim> Shims => _shims;

    public static Revision Revision(string name, int slots = 1) => new()
    {
        Id = name,
        Function = new("000000000000", "us-east-1", name),
        Config = new() { Runtime = "any", Concurrency = slots },
        Code = new(new string('0', 64), 1),
        LastModified = DateTimeOffset.UnixEpoch,
    };

    public Task<LeaseOutcome> LeaseAsync(Revision revision, CancellationToken cancellationToken = default) =>
        Activator.LeaseAsync(revision, TimeSpan.FromMinutes(2), cancellationToken).AsTask();

    /// <summary>Gets a slot and has done with it.</summary>
    public async Task CallAsync(Revision revision) => Free(await SlotOf(LeaseAsync(revision)));

    /// <summary>The slot of a lease, when its instance counts as started.</summary>
    public async Task<Slot> SlotOf(Task<LeaseOutcome> lease)
    {
        var slot = (await lease.WaitAsync(Limit)).Slot.ShouldNotBeNull();
        await Until(() => Activator.Pools.Any(pool => pool.All().Contains(slot.Instance)));
        return slot;
    }

    /// <summary>What the instance says when its slot is free.</summary>
    public void Free(Slot slot) => _onFree[slot.Instance](slot);

    public static async Task Until(Func<bool> happened)
    {
        for (var end = TimeProvider.System.GetTimestamp() + (30 * TimeProvider.System.TimestampFrequency); !happened();)
        {
            TimeProvider.System.GetTimestamp().ShouldBeLessThan(end);
            await Task.Delay(2);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Gate.TrySetResult();
        foreach (var shim in _shims)
        {
            await shim.DisposeAsync();
        }
    }

    private readonly ConcurrentDictionary<Instance, Action<Slot>> _onFree = [];

    private static TaskCompletionSource Opened()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }

    private async Task<StartOutcome> StartAsync(Revision revision, Action<Slot> onFree, bool kept)
    {
        Interlocked.Increment(ref Starting);
        await Gate.Task;
        await Task.Yield();
        var shim = await FakeShim.StartAsync(revision.Config.Concurrency, slot =>
        {
            _onFree.TryAdd(slot.Instance, onFree);
            onFree(slot);
        });
        _shims.Add(shim);
        Interlocked.Decrement(ref Starting);
        return new(shim.Instance, null);
    }
}
