using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Extensions;
using Mayfly.Server.Functions;
using Mayfly.Server.Sandboxes;
using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Invocation;

/// <summary>
/// What an instance has to do with extensions: it starts its runtime when they have registered, tells them of
/// invocations and of its end, and feeds those that subscribed. An instance without any pays for an empty set.
/// </summary>
public sealed class InstanceExtensions
{
    /// <summary>How long a runtime beside external extensions may take to end.</summary>
    private static readonly TimeSpan RuntimeShare = TimeSpan.FromMilliseconds(300);

    /// <summary>How long a runtime with internal extensions may take to end.</summary>
    private static readonly TimeSpan InternalGrace = TimeSpan.FromMilliseconds(500);

    /// <summary>How long external extensions may take to end, the runtime's share included.</summary>
    private static readonly TimeSpan ExternalGrace = TimeSpan.FromSeconds(2);

    private readonly Sandbox _sandbox;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<string> _external;
    private readonly ExtensionStarter? _starter;
    private readonly InstanceOutput? _output;
    private readonly TaskCompletionSource<SandboxExit> _runtimeExit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _deadline;
    private Action _late = static () => { };
    private Task? _stopping;

    /// <param name="revision">What runs in the instance.</param>
    /// <param name="sandbox">Where.</param>
    /// <param name="external">The names of the external extensions; the sandbox was started with them.</param>
    /// <param name="output">What they print.</param>
    /// <param name="time">The clock.</param>
    internal InstanceExtensions(Revision revision, Sandbox sandbox, IReadOnlyList<string> external, InstanceOutput? output, TimeProvider time)
    {
        (_sandbox, _external, _output, _time) = (sandbox, external, output, time);
        Set = new(external, severalAtOnce: revision.Config.Concurrency > 1);
        Feed = new(time, revision.Config.Logging?.IsJson == true);
        _starter = sandbox.Control is { } control ? new(control) : null;
        _deadline = time.CreateTimer(static self => ((InstanceExtensions)self!)._late(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        output?.FeedTo(Feed, TelemetryKinds.Extension);
    }

    /// <summary>The extensions.</summary>
    public ExtensionSet Set { get; }

    /// <summary>What subscribers get.</summary>
    public TelemetryFeed Feed { get; }

    /// <summary>The extension that failed.</summary>
    internal ExtensionFailure? Failure { get; set; }

    /// <summary>How the runtime ended; completes at the latest with the sandbox.</summary>
    internal Task<SandboxExit> RuntimeExit => _runtimeExit.Task;

    /// <summary>Whether anybody needs to be told of the end.</summary>
    internal bool MustBeTold => _starter is not null || Set.All.Count > 0;

    /// <summary>Starts to listen to those that started with the sandbox.</summary>
    internal void Begin(Instance instance)
    {
        Set.Initialized = instance.OnExtensionsReady;
        Set.Idle = () =>
        {
            _deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            instance.OnExtensionsIdle();
        };
        Set.Failed = instance.OnExtensionFailed;
        _late = () => _ = instance.StopAsync(ShutdownReason.Timeout).AsTask();
        if (_starter is { } starter)
        {
            starter.Begin(
                (number, code) => Set.OnExited(number < _external.Count ? _external[number] : "", code),
                code =>
                {
                    _runtimeExit.TrySetResult(new(code, OutOfMemory: false));
                    instance.OnRuntimeExited();
                });
            _ = RunAsync(starter);
        }
    }

    /// <summary>An invocation begins.</summary>
    /// <param name="invocation">What is to run.</param>
    /// <param name="limit">The time that the extensions have too.</param>
    internal void Tell(ActiveInvocation invocation, TimeSpan limit)
    {
        if (Set.HasListeners)
        {
            Set.Invoke(ExtensionEventJson.Invoke(invocation.DeadlineMs, invocation.RequestId, invocation.FunctionArn, invocation.TraceId));
            _deadline.Change(limit, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Takes a subscriber in.</summary>
    /// <returns>Why it may not, or <see langword="null"/>.</returns>
    public ExtensionRefusal? Subscribe(Instance instance, Extension extension, TelemetrySettings settings)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(extension);
        ArgumentNullException.ThrowIfNull(settings);
        if (Feed.Subscribe(extension, settings, new(settings.Port, _sandbox.HasOwnUser ? _sandbox.Uid : null, _sandbox.Doors is null ? null : _sandbox.ConnectAsync)) is { } refusal)
        {
            return refusal;
        }

        instance.Output.Write(new PlatformSubscription(_time.GetUtcNow(), extension.Name, settings.KindNames, settings.Dialect == TelemetryDialect.Logs));
        return null;
    }

    /// <summary>Ends the instance: the runtime first, then the extensions, each within its time; then all that is left is killed.</summary>
    internal Task StopAsync(ShutdownReason reason)
    {
        lock (Set)
        {
            return _stopping ??= RunDownAsync(reason);
        }
    }

    /// <summary>The sandbox has ended.</summary>
    internal void Close(SandboxExit exit)
    {
        Set.Close();
        _runtimeExit.TrySetResult(exit);
        _deadline.Dispose();
        _output?.Close();
        Feed.Dispose();
        _starter?.Dispose();
    }

    private async Task RunAsync(ExtensionStarter starter)
    {
        await Set.Registered;
        starter.Run();
    }

    private async Task RunDownAsync(ShutdownReason reason)
    {
        Set.Stop();
        _deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var begun = _time.GetTimestamp();
        if (_starter is null)
        {
            // Only internal ones, which end with the runtime.
            await Feed.FlushAsync(RuntimeShare);
            await (reason == ShutdownReason.Spindown ? _sandbox.TerminateAsync(InternalGrace, _time) : _sandbox.KillAsync());
            return;
        }

        if (reason == ShutdownReason.Spindown)
        {
            _starter.Terminate();
            await ((Task)RuntimeExit).WaitAsync(RuntimeShare, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _starter.Kill();
        await Feed.FlushAsync(RuntimeShare);
        var left = ExternalGrace - _time.GetElapsedTime(begun);
        Set.Shutdown(reason, (_time.GetUtcNow() + left).ToUnixTimeMilliseconds());
        await Set.Exited.WaitAsync(left, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _sandbox.KillAsync();
    }
}
