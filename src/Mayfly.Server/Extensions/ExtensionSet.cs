using System.Globalization;

namespace Mayfly.Server.Extensions;

/// <summary>
/// The extensions of one instance and what they may do when: they register while it initialises, wait for events, and
/// keep an invocation open until each that follows invocations waits again. All members may be called from any thread;
/// the callbacks come outside the gate.
/// </summary>
public sealed class ExtensionSet
{
    /// <summary>Most extensions of one instance.</summary>
    public const int MaxExtensions = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Extension> _byName = new(StringComparer.Ordinal);
    private readonly bool _severalAtOnce;
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _runtimeReady;
    private bool _stopping;
    private bool _failed;
    private volatile bool _initialized;
    private volatile bool _hasListeners;
    private bool _invoking;

    /// <summary>Makes the set of an instance.</summary>
    /// <param name="external">The names of the external ones.</param>
    /// <param name="severalAtOnce">Whether the instance takes several invocations at once; then no extension can follow them.</param>
    public ExtensionSet(IEnumerable<string> external, bool severalAtOnce)
    {
        _severalAtOnce = severalAtOnce;
        foreach (var name in external)
        {
            _byName[name] = new(name, isExternal: true);
        }

        if (_byName.Count == 0)
        {
            _registered.SetResult();
        }
    }

    /// <summary>Called once when the runtime and all extensions wait for their first event.</summary>
    internal Action Initialized { get; set; } = static () => { };

    /// <summary>Called after each invocation when all extensions that follow invocations wait again.</summary>
    internal Action Idle { get; set; } = static () => { };

    /// <summary>Called when the first extension fails.</summary>
    internal Action<ExtensionFailure> Failed { get; set; } = static _ => { };

    /// <summary>Completes when every external extension has registered: then the runtime starts.</summary>
    internal Task Registered => _registered.Task;

    /// <summary>Completes when every external extension that was told of the end has ended.</summary>
    internal Task Exited => _exited.Task;

    /// <summary>Whether the runtime and all extensions have initialised.</summary>
    public bool IsInitialized => _initialized;

    /// <summary>Whether any extension follows invocations.</summary>
    public bool HasListeners => _hasListeners;

    /// <summary>The extensions now.</summary>
    public IReadOnlyList<Extension> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _byName.Values];
            }
        }
    }

    /// <summary>Registers an extension: an external one by its file name, any other name as an internal one.</summary>
    /// <returns>The extension, or why it may not.</returns>
    public (Extension? Extension, ExtensionRefusal? Refusal) Register(string name, ExtensionEvents events)
    {
        Extension extension;
        lock (_gate)
        {
            if (events.HasFlag(ExtensionEvents.Invoke) && _severalAtOnce)
            {
                return (null, new("Extension.InvalidEventType", "INVOKE: event not supported where an instance takes several invocations at once"));
            }

            if (_byName.TryGetValue(name, out var known) && known.IsExternal)
            {
                if (known.State != ExtensionState.Started)
                {
                    return (null, NotAllowed(known, ExtensionState.Registered));
                }

                extension = known;
            }
            else if (events.HasFlag(ExtensionEvents.Shutdown))
            {
                return (null, new("Extension.InvalidEventType", "SHUTDOWN: event not supported for internal extensions"));
            }
            else if (_runtimeReady)
            {
                return (null, new("Extension.RegistrationClosed", "Extension registration closed already"));
            }
            else if (_byName.Count >= MaxExtensions)
            {
                return (null, new("Extension.TooManyExtensions", string.Create(CultureInfo.InvariantCulture, $"Extension limit ({MaxExtensions}) reached")));
            }
            else if (known is not null)
            {
                return (null, new("Extension.InvalidExtensionState", "Extension with this name already registered"));
            }
            else
            {
                extension = new(name, isExternal: false);
                _byName.Add(name, extension);
            }

            extension.Events = events;
            extension.State = ExtensionState.Registered;
            _hasListeners |= events.HasFlag(ExtensionEvents.Invoke);
            if (_byName.Values.All(e => e.State != ExtensionState.Started))
            {
                _registered.TrySetResult();
            }
        }

        return (extension, null);
    }

    /// <summary>Finds a registered extension.</summary>
    public Extension? Find(Guid id)
    {
        lock (_gate)
        {
            return _byName.Values.FirstOrDefault(e => e.Id == id && e.State != ExtensionState.Started);
        }
    }

    /// <summary>An extension waits for its next event.</summary>
    /// <returns>The event as JSON, or why it may not wait.</returns>
    public async ValueTask<(byte[]? Event, ExtensionRefusal? Refusal)> NextAsync(Extension extension, CancellationToken cancellationToken)
    {
        TaskCompletionSource<byte[]> waiting;
        Action? then;
        lock (_gate)
        {
            if (extension.Pending is { } pending)
            {
                extension.Pending = null;
                return (pending, null);
            }

            // A call whose connection broke may be made again.
            if (extension.Waiting is not null || extension.State is not (ExtensionState.Registered or ExtensionState.Running or ExtensionState.Ready))
            {
                return (null, NotAllowed(extension, ExtensionState.Ready));
            }

            extension.State = ExtensionState.Ready;
            extension.Waiting = waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            then = !_initialized ? TryInitialize() : TryEndInvocation();
        }

        then?.Invoke();
        using var aborted = cancellationToken.Register(() => Abandon(extension, waiting));
        return (await waiting.Task, null);
    }

    /// <summary>The runtime waits for its first invocation: nobody registers any more.</summary>
    /// <returns>Whether the instance has initialised with that; if not, <see cref="Initialized"/> is called later.</returns>
    internal bool OnRuntimeReady()
    {
        lock (_gate)
        {
            _runtimeReady = true;
            return _initialized || TryInitialize() is not null;
        }
    }

    /// <summary>Tells those that follow invocations of one.</summary>
    internal void Invoke(byte[] json)
    {
        lock (_gate)
        {
            _invoking = true;
            foreach (var extension in _byName.Values.Where(e => e.Events.HasFlag(ExtensionEvents.Invoke)))
            {
                extension.State = ExtensionState.Running;
                extension.Deliver(json);
            }
        }
    }

    /// <summary>Tells the external extensions that asked for it of the end. No failure is reported from now on.</summary>
    internal void Shutdown(ShutdownReason reason, long deadlineMs)
    {
        lock (_gate)
        {
            _stopping = true;
            var json = ExtensionEventJson.Shutdown(reason, deadlineMs);
            foreach (var extension in _byName.Values.Where(AwaitsEnd))
            {
                extension.Deliver(json);
            }

            CheckExited();
        }
    }

    /// <summary>No failure is reported from now on.</summary>
    internal void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
        }
    }

    /// <summary>The instance has ended: nobody waits any more.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _stopping = true;
            foreach (var extension in _byName.Values)
            {
                extension.Waiting?.TrySetCanceled();
                extension.Waiting = null;
            }

            _exited.TrySetResult();
        }
    }

    /// <summary>The process of an external extension ended.</summary>
    internal void OnExited(string name, int exitCode)
    {
        ExtensionFailure? failure = null;
        lock (_gate)
        {
            if (!_byName.TryGetValue(name, out var extension))
            {
                return;
            }

            var launched = extension.State != ExtensionState.Started || exitCode is not (126 or 127);
            extension.State = launched ? ExtensionState.Exited : ExtensionState.LaunchError;
            extension.Waiting?.TrySetCanceled();
            extension.Waiting = null;
            if (_stopping)
            {
                CheckExited();
            }
            else
            {
                var how = exitCode > 128 ? $"signal: {exitCode - 128}" : string.Create(CultureInfo.InvariantCulture, $"exit status {exitCode}");
                failure = TryFail(extension, launched ? "Extension.Crash" : "Extension.LaunchError", $"extension {name}: {how}");
            }
        }

        Report(failure);
    }

    /// <summary>An extension says that it cannot initialise, or that it must end.</summary>
    public ExtensionRefusal? ReportError(Extension extension, ExtensionState error, string errorType)
    {
        ExtensionFailure? failure;
        lock (_gate)
        {
            if (error == ExtensionState.InitError ? extension.State != ExtensionState.Registered : extension.State is ExtensionState.InitError or ExtensionState.ExitError or ExtensionState.Exited)
            {
                return NotAllowed(extension, error);
            }

            extension.State = error;
            failure = _stopping ? null : TryFail(extension, $"Extension.{error}", $"extension {extension.Name}: {errorType}");
        }

        Report(failure);
        return null;
    }

    private void Report(ExtensionFailure? failure)
    {
        if (failure is not null)
        {
            Failed(failure);
        }
    }

    private void Abandon(Extension extension, TaskCompletionSource<byte[]> waiting)
    {
        lock (_gate)
        {
            if (extension.Waiting == waiting)
            {
                extension.Waiting = null;
            }
        }

        waiting.TrySetCanceled();
    }

    private Action? TryInitialize()
    {
        if (!_runtimeReady || _failed || _byName.Values.Any(e => e.State != ExtensionState.Ready))
        {
            return null;
        }

        _initialized = true;
        return Initialized;
    }

    private Action? TryEndInvocation()
    {
        if (!_invoking || _byName.Values.Any(e => e.Events.HasFlag(ExtensionEvents.Invoke) && e.State != ExtensionState.Ready))
        {
            return null;
        }

        _invoking = false;
        return Idle;
    }

    private ExtensionFailure? TryFail(Extension extension, string type, string message)
    {
        if (_failed)
        {
            return null;
        }

        _failed = true;
        return new(extension, type, message);
    }

    private void CheckExited()
    {
        if (_byName.Values.Where(AwaitsEnd).All(e => e.State is ExtensionState.Exited or ExtensionState.LaunchError))
        {
            _exited.TrySetResult();
        }
    }

    private static bool AwaitsEnd(Extension extension) => extension.IsExternal && extension.Events.HasFlag(ExtensionEvents.Shutdown);

    private static ExtensionRefusal NotAllowed(Extension extension, ExtensionState wanted) =>
        new("Extension.InvalidExtensionState", $"State transition from {extension.State} to {wanted} failed for extension {extension.Name}. Error: State transition is not allowed");
}
