using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Extensions;
using Mayfly.Server.Functions;
using Mayfly.Server.Sandboxes;
using Mayfly.Server.Telemetry;

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
    private readonly IdleFreezer? _freezer;
    private readonly List<int> _held = [];
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _begun;
    private InitPhase _phase;
    private int _broken;
    private int _busy;
    private long _peak;
    private long _peakReadAt;

    /// <summary>Shorter than it takes to fill memory that is worth a report.</summary>
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(2);

    /// <summary>How old the number of a brief invocation may be.</summary>
    private static readonly TimeSpan PeakAge = TimeSpan.FromSeconds(1);

    /// <summary>How long a program that is asked to end may take.</summary>
    private static readonly TimeSpan TerminationGrace = TimeSpan.FromMilliseconds(300);

    /// <param name="revision">What runs in it.</param>
    /// <param name="sandbox">Where.</param>
    /// <param name="channel">How to talk to it.</param>
    /// <param name="output">What it prints.</param>
    /// <param name="time">The clock.</param>
    /// <param name="freezes">Whether it stands still while it is idle.</param>
    internal Instance(Revision revision, Sandbox sandbox, IInvocationChannel channel, InstanceOutput output, TimeProvider time, bool freezes)
    {
        Revision = revision;
        FunctionArn = revision.Function.Arn;
        Output = output;
        _sandbox = sandbox;
        _channel = channel;
        _time = time;
        _freezer = freezes && sandbox.CanFreeze ? new(revision.Config.Concurrency, Freeze, Thaw, time) : null;
        _slots = [.. Enumerable.Range(1, revision.Config.Concurrency).Select(number => new Slot(this, number, time))];
    }

    /// <summary>Unique for ever; the sandbox has the same.</summary>
    public string Id => _sandbox.Id;

    /// <summary>What runs in it.</summary>
    public Revision Revision { get; }

    /// <summary>The function's ARN, without a qualifier.</summary>
    internal string FunctionArn { get; }

    /// <summary>What it prints.</summary>
    public InstanceOutput Output { get; }

    /// <summary>What follows its life.</summary>
    public required InstanceExtensions Extensions { get; init; }

    /// <summary>Where its program calls, when it speaks the Runtime API.</summary>
    public RuntimeApiChannel? RuntimeApi => _channel as RuntimeApiChannel;

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

    /// <summary>What its sandbox was made of.</summary>
    internal StartSteps Steps => _sandbox.Steps;

    /// <summary>How long it initialised within the time of the first invocation, which takes it.</summary>
    internal TimeSpan SuppressedInit { get; set; }

    /// <summary>Completes when the first slot is parked, or when it is clear that none will be.</summary>
    internal Task<InitOutcome> Initialized => _initialized.Task;

    /// <summary>Completes when it can take no more invocations, which may be long before its sandbox has ended.</summary>
    internal Task Ending => _ending.Task;

    /// <summary>How the sandbox ended; completes with it.</summary>
    internal Task<SandboxExit> Exited => _sandbox.Exited;

    /// <summary>Whether the sandbox has ended, or does so within a time.</summary>
    internal async ValueTask<bool> HasExitedAsync(TimeSpan patience)
    {
        await ((Task)_sandbox.Exited).WaitAsync(patience, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _sandbox.Exited.IsCompleted;
    }

    /// <summary>The most memory it has used, in bytes, as it was a second ago at most when an invocation was too short to take much more.</summary>
    /// <param name="duration">How long the invocation took.</param>
    internal long PeakMemoryAfter(TimeSpan duration)
    {
        if (_peakReadAt == 0 || duration > Brief || _time.GetElapsedTime(_peakReadAt) > PeakAge)
        {
            (_peak, _peakReadAt) = (_sandbox.ReadPeakMemoryBytes(), _time.GetTimestamp());
        }

        return _peak;
    }

    /// <summary>Starts to listen to the program; <paramref name="onFree"/> gets every slot that becomes free.</summary>
    /// <param name="onFree">May be called before this method returns.</param>
    /// <param name="begun">When the start of the sandbox began: a timestamp of the clock.</param>
    /// <param name="phase">When it initialises.</param>
    internal void Begin(Action<Slot> onFree, long begun, InitPhase phase)
    {
        (_onFree, _begun, _phase) = (onFree, begun, phase);
        Extensions.Begin(this);
        _channel.Begin(this);
        _ = WatchAsync();
    }

    /// <summary>The one hand-over: gives an invocation to the program and waits for what comes first, its answer, the time limit, or its end.</summary>
    internal ValueTask<Answer> ExchangeAsync(Slot slot, ActiveInvocation invocation, TimeSpan limit)
    {
        Interlocked.Increment(ref _busy);
        _freezer?.OnUsed();
        return slot.ExchangeAsync(invocation, _channel, limit);
    }

    /// <summary>The invoker is done with a slot.</summary>
    internal void Settle(Slot slot)
    {
        Interlocked.Decrement(ref _busy);
        if (slot.Release())
        {
            OnFree(slot);
        }
    }

    /// <summary>Kills the sandbox with everything in it. Open exchanges end as <see cref="AnswerKind.Exited"/>. External extensions are told first.</summary>
    internal ValueTask StopAsync(ShutdownReason reason = ShutdownReason.Failure)
    {
        Break();
        return Extensions.MustBeTold ? new(Extensions.StopAsync(reason)) : _sandbox.KillAsync();
    }

    /// <summary>Ends an instance that runs nothing: its program is asked first.</summary>
    internal ValueTask RetireAsync()
    {
        Break();
        return Extensions.MustBeTold ? new(Extensions.StopAsync(ShutdownReason.Spindown)) : _sandbox.TerminateAsync(TerminationGrace, _time);
    }

    /// <summary>The invocation that runs on a slot now, for channels that are asked for it.</summary>
    internal ActiveInvocation? CurrentOf(int slot) => _slots[slot - 1].Current;

    /// <summary>The program waits for its next invocation on a slot.</summary>
    internal void OnParked(int slot)
    {
        if (!Extensions.Set.IsInitialized)
        {
            lock (_held)
            {
                if (!Extensions.Set.OnRuntimeReady())
                {
                    _held.Add(slot);
                    return;
                }
            }
        }

        Park(slot);
    }

    /// <summary>The runtime and all extensions have initialised: the slots that waited for the latter are parked.</summary>
    internal void OnExtensionsReady()
    {
        int[] held;
        lock (_held)
        {
            held = [.. _held];
            _held.Clear();
        }

        Array.ForEach(held, Park);
    }

    /// <summary>All extensions that follow invocations wait again.</summary>
    internal void OnExtensionsIdle()
    {
        // They follow invocations only where there is one slot.
        if (_slots[0].Release())
        {
            OnFree(_slots[0]);
        }
    }

    /// <summary>An extension failed, and the instance with it.</summary>
    internal void OnExtensionFailed(ExtensionFailure failure)
    {
        Extensions.Failure = failure;
        Output.Write(Describe(failure.Extension, failure.Type));
        _initialized.TrySetResult(new(null) { Failure = failure });
        _ = StopAsync().AsTask();
        AnswerExited();
    }

    /// <summary>The runtime ended before the sandbox did.</summary>
    internal void OnRuntimeExited()
    {
        Output.Drain();
        _initialized.TrySetResult(new(null) { Exited = true });
        _ = StopAsync().AsTask();
        AnswerExited();
    }

    /// <summary>The program has initialised and is a template from now on, or cannot be one.</summary>
    internal void OnTemplate(string refusal) => _initialized.TrySetResult(new(null) { TemplateRefusal = refusal });

    /// <summary>The program says that it cannot initialise.</summary>
    internal void OnInitError(ReadOnlyMemory<byte> error) => _initialized.TrySetResult(new(error));

    /// <summary>The program begins to stream its answer on a slot. The exchange stays open until the stream's end is reported as its answer.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="contentType">What the bytes are; empty when the program does not say.</param>
    /// <param name="onTaken">Gets the number of bytes whenever some have left the stream.</param>
    /// <returns>Where the bytes go; <see langword="null"/> when no exchange is open there.</returns>
    internal ResponseStream? OnStream(int slot, string contentType, Action<int>? onTaken)
    {
        if (!IsOpen(slot) || _slots[slot - 1].Current is not { } invocation)
        {
            return null;
        }

        var stream = invocation.Stream ??= ResponseStream.Collecting();
        stream.Begin(contentType, onTaken);
        return stream;
    }

    /// <summary>Whether an exchange waits for its answer on a slot.</summary>
    internal bool IsOpen(int slot) => slot >= 1 && slot <= _slots.Length && _slots[slot - 1].IsOpen;

    /// <summary>The program answered on a slot. Its caller goes on before this returns.</summary>
    /// <returns>Whether an exchange was open there.</returns>
    internal bool OnAnswer(int slot, in Answer answer) => slot >= 1 && slot <= _slots.Length && _slots[slot - 1].TryAnswer(answer);

    /// <summary>The program broke the protocol or closed its side: nothing more can come from it.</summary>
    internal void OnBroken()
    {
        // Nobody may lease it from now on; killing it asks sandboxd.
        Break();
        _ = PoolScheduler.RunAsync(() => StopAsync().AsTask());
    }

    private void Break()
    {
        Volatile.Write(ref _broken, 1);
        _freezer?.OnUsed();
        _ending.TrySetResult();
    }

    private void Park(int slot)
    {
        if (!_initialized.Task.IsCompleted)
        {
            ReportInit(_time.GetElapsedTime(_begun));
            foreach (var extension in Extensions.Set.All)
            {
                Output.Write(Describe(extension, null));
            }

            Extensions.Feed.Close();
            _initialized.TrySetResult(new(null));
        }

        if (_slots[slot - 1].Release())
        {
            OnFree(_slots[slot - 1]);
        }
    }

    private void AnswerExited()
    {
        foreach (var slot in _slots)
        {
            slot.TryAnswer(new(AnswerKind.Exited, default));
        }
    }

    private PlatformExtension Describe(Extension extension, string? errorType) =>
        new(_time.GetUtcNow(), extension.Name, extension.State.ToString(), extension.EventNames, errorType);

    private void Freeze()
    {
        Extensions.Feed.Pause();
        _sandbox.Freeze();
    }

    private void Thaw()
    {
        _sandbox.Thaw();
        Extensions.Feed.Resume();
    }

    private void ReportInit(TimeSpan took)
    {
        var isFirst = _phase.Name == InitPhase.First;
        UnreportedInit = isFirst ? took : null;
        SuppressedInit = isFirst ? TimeSpan.Zero : took;
        var now = _time.GetUtcNow();
        Output.Write(
            new PlatformInitRuntimeDone(now, _phase.Name, _phase.Type, PlatformStatus.Success, null),
            new PlatformInitReport(now, _phase.Name, _phase.Type, PlatformStatus.Success, null, took));
    }

    // All sides have let go of a slot.
    private void OnFree(Slot slot)
    {
        _freezer?.OnFree();
        if (!IsBroken)
        {
            _onFree(slot);
        }
    }

    private async Task WatchAsync()
    {
        var exit = await _sandbox.Exited;
        Break();
        _freezer?.Dispose();
        Output.Drain();
        Extensions.Close(exit);
        _initialized.TrySetResult(new(null) { Exited = true });
        AnswerExited();
        foreach (var slot in _slots)
        {
            slot.Close();
        }

        await _channel.DisposeAsync();
        Output.Close();
    }
}
