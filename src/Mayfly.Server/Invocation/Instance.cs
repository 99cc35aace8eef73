using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Functions;
using Mayfly.Server.Sandboxes;

namespace Mayfly.Server.Invocation;

/// <summary>
/// One execution environment of a revision: a sandbox, the channel to the program in it, and its slots.
/// A slot is idle exactly while the program waits for the next invocation on it; nothing else counts as idle.
/// The channel's callbacks may come on any thread; each slot's exchange belongs to the one invocation that leased it.
/// </summary>
public sealed class Instance
{
    private readonly Sandbox _sandbox;
    private readonly IInvocationChannel _channel;
    private readonly TaskCompletionSource<InitOutcome> _initialized = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Slot[] _slots;
    private Action<Slot> _onFree = static _ => { };
    private readonly TimeProvider _time;
    private long _begun;
    private int _broken;
    private int _busy;

    internal Instance(Revision revision, Sandbox sandbox, IInvocationChannel channel, InstanceOutput output, TimeProvider time)
    {
        Revision = revision;
        Output = output;
        _sandbox = sandbox;
        _channel = channel;
        _time = time;
        _slots = [.. Enumerable.Range(1, revision.Config.Concurrency).Select(number => new Slot(this, number, time))];
    }

    /// <summary>Unique for ever; the sandbox has the same.</summary>
    public string Id => _sandbox.Id;

    /// <summary>What runs in it.</summary>
    public Revision Revision { get; }

    /// <summary>What it prints.</summary>
    public InstanceOutput Output { get; }

    /// <summary>How many invocations it takes at once.</summary>
    public int SlotCount => _slots.Length;

    /// <summary>Its slots.</summary>
    internal IReadOnlyList<Slot> Slots => _slots;

    /// <summary>Whether it can take no more invocations: its sandbox ended, or is about to.</summary>
    public bool IsBroken => Volatile.Read(ref _broken) == 1;

    /// <summary>Whether no invocation runs in it.</summary>
    public bool IsIdle => Volatile.Read(ref _busy) == 0;

    /// <summary>How long it took to initialise; taken by the first invocation that reports it.</summary>
    internal TimeSpan? UnreportedInit { get; set; }

    /// <summary>Completes when the first slot is parked, or when it is clear that none will be.</summary>
    internal Task<InitOutcome> Initialized => _initialized.Task;

    /// <summary>How the sandbox ended; completes with it.</summary>
    internal Task<SandboxExit> Exited => _sandbox.Exited;

    /// <summary>The most memory it has used, in bytes.</summary>
    public long PeakMemoryBytes => _sandbox.ReadPeakMemoryBytes();

    /// <summary>Starts to listen to the program; <paramref name="onFree"/> gets every slot that becomes free.</summary>
    /// <param name="onFree">May be called before this method returns.</param>
    /// <param name="begun">When the start of the sandbox began: a timestamp of the clock.</param>
    internal void Begin(Action<Slot> onFree, long begun)
    {
        (_onFree, _begun) = (onFree, begun);
        _channel.Begin(this);
        _ = WatchAsync();
    }

    /// <summary>The one hand-over: gives an invocation to the program and waits for what comes first, its answer, the time limit, or its end.</summary>
    internal async ValueTask<Answer> ExchangeAsync(Slot slot, ActiveInvocation invocation, TimeSpan limit)
    {
        Interlocked.Increment(ref _busy);
        try
        {
            return await slot.ExchangeAsync(invocation, _channel, limit);
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
        }
    }

    /// <summary>The invoker is done with a slot.</summary>
    internal void Settle(Slot slot)
    {
        if (slot.Release() && !IsBroken)
        {
            _onFree(slot);
        }
    }

    /// <summary>Kills the sandbox with everything in it. Open exchanges end as <see cref="AnswerKind.Exited"/>.</summary>
    internal ValueTask StopAsync()
    {
        Volatile.Write(ref _broken, 1);
        return _sandbox.KillAsync();
    }

    /// <summary>The invocation that runs on a slot now, for channels that are asked for it.</summary>
    internal ActiveInvocation? CurrentOf(int slot) => _slots[slot - 1].Current;

    /// <summary>The program waits for its next invocation on a slot.</summary>
    internal void OnParked(int slot)
    {
        if (!_initialized.Task.IsCompleted)
        {
            UnreportedInit = _time.GetElapsedTime(_begun);
            _initialized.TrySetResult(new(null));
        }

        if (_slots[slot - 1].Release() && !IsBroken)
        {
            _onFree(_slots[slot - 1]);
        }
    }

    /// <summary>The program says that it cannot initialise.</summary>
    internal void OnInitError(ReadOnlyMemory<byte> error) => _initialized.TrySetResult(new(error));

    /// <summary>The program answered on a slot.</summary>
    /// <returns>Whether an exchange was open there.</returns>
    internal bool OnAnswer(int slot, in Answer answer) => slot >= 1 && slot <= _slots.Length && _slots[slot - 1].TryAnswer(answer);

    /// <summary>The program broke the protocol or closed its side: nothing more can come from it.</summary>
    internal void OnBroken() => _ = StopAsync();

    private async Task WatchAsync()
    {
        await _sandbox.Exited;
        Volatile.Write(ref _broken, 1);
        Output.Drain();
        _initialized.TrySetResult(new(null) { Exited = true });
        foreach (var slot in _slots)
        {
            slot.TryAnswer(new(AnswerKind.Exited, default));
            slot.Close();
        }

        await _channel.DisposeAsync();
        Output.Close();
    }
}
