using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Extensions;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Layers;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Sandboxes;
using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Invocation;

/// <summary>Makes an instance of a revision: a sandbox, a channel to the program in it, and its initialisation.</summary>
/// <param name="runtimes">How each runtime starts.</param>
/// <param name="sandboxes">What starts sandboxes.</param>
/// <param name="connector">What makes instances of them.</param>
/// <param name="environment">What each function finds in its environment.</param>
public sealed class InstanceStarter(
    RuntimeCatalog runtimes,
    SandboxdClient sandboxes,
    InstanceConnector connector,
    FunctionEnvironment environment)
{
    /// <summary>The Runtime API's address inside a private network.</summary>
    private const string PrivateRuntimeApi = "127.0.0.1:9001";

    /// <summary>The doors' address there, whatever the server's own port is.</summary>
    private const string PrivateDoors = "http://127.0.0.1:4566";

    /// <summary>The port of an HTTP server there.</summary>
    private const int PrivateHttpPort = 8080;

    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    private const string Snapshots = "PublishedVersions";

    /// <summary>Tells a program that it will be forked, once it has initialised.</summary>
    private const string TemplateVariable = "MAYFLY_TEMPLATE";

    private readonly TemplateShelf _templates = new();
    private readonly TimeProvider _time = environment.Time;

    // Opened ahead by the start before: one that waits for it is spared that.
    private Socket? _nextListener;

    // What an instance has to do with a template: nothing, is one, or is a fork of the one in that sandbox.
    private readonly record struct Snapshot(bool IsTemplate, string? Source);

    /// <summary>
    /// Starts an instance and waits until it has initialised. One that fails to within its time gets a second chance at the
    /// expense of the invocation that waits for it, under the function's own time limit.
    /// </summary>
    /// <param name="revision">What to run.</param>
    /// <param name="onFree">Gets each slot whenever it becomes free, for the first time before this method returns.</param>
    /// <param name="kept">Whether it is started to be kept, not because a caller waits.</param>
    public Task<StartOutcome> StartAsync(Revision revision, Action<Slot> onFree, bool kept) => PoolScheduler.RunAsync(() => PlanAndStartAsync(revision, onFree, kept));

    private async Task<StartOutcome> PlanAndStartAsync(Revision revision, Action<Slot> onFree, bool kept)
    {
        // 1. Plan.
        if (!runtimes.TryPlan(revision.Config, out var plan, out var missing))
        {
            return Fail(InvocationErrorKind.RuntimeMissing, "InvalidRuntimeException", missing);
        }

        var timeout = TimeSpan.FromSeconds(revision.Config.TimeoutSeconds);
        if (plan.Contract == RuntimeContract.Http)
        {
            // A server may take its time until it listens, and nothing is gained by starting it again.
            return await StartAsync(revision, plan, onFree, new(InitPhase.First, InvocationLimits.Init + timeout, kept ? InitPhase.Provisioned : InitPhase.OnDemand));
        }

        if (revision is { Config.SnapStart: Snapshots, Version: not Revision.Latest } && plan.Stem is { Definition.Templates: true }
            && await ForkAsync(revision, plan, onFree, timeout) is { } fork)
        {
            return fork;
        }

        if (kept)
        {
            // Nobody waits, so it gets its time at once.
            return await StartAsync(revision, plan, onFree, new(InitPhase.First, timeout > InvocationLimits.KeptInit ? timeout : InvocationLimits.KeptInit, InitPhase.Provisioned));
        }

        var outcome = await StartAsync(revision, plan, onFree, new(InitPhase.First, InvocationLimits.Init));
        return outcome.Failure is { Failed: not null } ? await StartAsync(revision, plan, onFree, new(InitPhase.WithinInvocation, timeout)) : outcome;
    }

    /// <summary>Ends what was kept to start further instances of a revision that is there no more.</summary>
    internal void Forget(string revision) => _ = _templates.DropAsync(revision);

    // Null when an instance has to be started by itself.
    private async Task<StartOutcome?> ForkAsync(Revision revision, LaunchPlan plan, Action<Slot> onFree, TimeSpan timeout)
    {
        var limit = timeout > InvocationLimits.KeptInit ? timeout : InvocationLimits.KeptInit;
        var template = await _templates.GetAsync(revision, () => StartAsync(revision, plan, static _ => { }, new(InitPhase.First, limit, InitPhase.SnapStart), new(IsTemplate: true, null)));
        if (template.Instance is not { } source)
        {
            return template.Failure is null ? null : template;
        }

        var outcome = await StartAsync(revision, plan, onFree, new(InitPhase.First, InvocationLimits.Init, InitPhase.SnapStart), new(IsTemplate: false, source.Id));
        if (outcome.Failure?.Error?.Kind != InvocationErrorKind.SandboxFailed)
        {
            return outcome;
        }

        // It does not answer any more: the next start makes another.
        await source.StopAsync();
        return null;
    }

    private Task<StartOutcome> StartAsync(Revision revision, LaunchPlan plan, Action<Slot> onFree, InitPhase phase) => StartAsync(revision, plan, onFree, phase, default);

    private async Task<StartOutcome> StartAsync(Revision revision, LaunchPlan plan, Action<Slot> onFree, InitPhase phase, Snapshot snapshot)
    {
        var image = revision.Config.Image is null ? null : environment.ImageOf(revision);
        var external = image is null ? ExternalExtensions.In(environment.LayersOf(revision)) : ExternalExtensions.In(image);
        if (external.Count > ExtensionSet.MaxExtensions)
        {
            return Fail(InvocationErrorKind.InitFailed, "Extension.TooManyExtensions", $"Error: extension limit ({ExtensionSet.MaxExtensions}) exceeded: {external.Count} in /opt/extensions");
        }

        // 2. Open what the program will call before it starts.
        var network = environment.NetworkOf(revision, await sandboxes.WaitForHelloAsync(CancellationToken.None));
        var reach = FunctionEnvironment.ReachOf(network);
        var isPrivate = network != NetworkMode.Host;
        using var opened = new Opened();
        var listener = !isPrivate ? opened.Add(Interlocked.Exchange(ref _nextListener, null) ?? RuntimeApiConnections.Listen()) : null;
        var port = plan.Contract != RuntimeContract.Http ? 0 : isPrivate ? PrivateHttpPort : FreePort();
        var id = Guid.NewGuid().ToString("N");
        var runtimeApi = listener is null ? PrivateRuntimeApi : $"127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture)}";
        var variables = environment.For(revision, plan, id, runtimeApi, port, phase.Type, isPrivate ? PrivateDoors : null);
        var command = LaunchCommand.Of(plan, revision.Config);
        if (image is not null && new ImageLaunch(image, revision.Config.Image!, variables["PATH"]).Find(out command) is { } wrong)
        {
            return new(null, new(null, wrong));
        }

        if (image is not null && external.Count > 0 && image.Resolve("/bin/sh") is null)
        {
            return Fail(InvocationErrorKind.InitFailed, "Extension.LaunchError", "Error: the image has extensions in /opt/extensions and no /bin/sh, which starts them");
        }

        if (snapshot.IsTemplate)
        {
            variables = variables.Append(new(TemplateVariable, "1")).ToDictionary(StringComparer.Ordinal);
        }

        var stem = external.Count > 0 || snapshot != default ? null : StemChoice.For(revision, plan, reach, environment.CodeOf(revision), environment.LayersOf(revision));
        if (stem is not null)
        {
            sandboxes.Stems.Use(stem);
        }

        var spec = new SandboxSpec
        {
            Stem = stem?.Name,
            IsTemplate = snapshot.IsTemplate,
            ForkOf = snapshot.Source,
            Id = id,
            CodeSha256 = revision.Code.Sha256,
            LayersSha256 = LayerStack.HashOf(revision.Layers),
            Shim = plan.Shim,
            CodeIsRoot = image is not null,
            Folder = revision.Config.Image?.Folder() ?? SandboxSpec.CodeFolder,
            Command = external.Count == 0 ? command : ExternalExtensions.Before(command, external),
            Environment = variables,
            MemoryMb = revision.Config.MemoryMb,
            TmpMb = revision.Config.EphemeralStorageMb,
            Network = reach,
            Mounts = plan.Mounts,
            Channel = plan.Contract == RuntimeContract.Frame,
            Supervised = external.Count > 0,
        };

        // 3. Start, and connect as soon as it runs.
        var launch = new InstanceLaunch
        {
            Revision = revision,
            Plan = plan,
            External = external,
            IsPrivate = isPrivate,
            Listener = listener,
            Port = port,
            Begun = _time.GetTimestamp(),
            Phase = phase,
            OnFree = onFree,
        };
        Instance? instance = null;
        try
        {
            var sandbox = await sandboxes.StartAsync(spec, CancellationToken.None, started => instance = connector.Connect(started, launch));
            if (instance is null)
            {
                await sandbox.DisposeAsync();
                return Fail(InvocationErrorKind.SandboxFailed, "ServiceException", "A network of its own with the Runtime API needs sandboxd to run as root or in a user namespace of its own.");
            }
        }
        catch (SandboxException e)
        {
            return Fail(InvocationErrorKind.SandboxFailed, "ServiceException", e.Message);
        }

        // 4. Initialise.
        opened.Keep();
        var outcome = await InitializeAsync(instance, launch.Begun, phase);
        if (!isPrivate && _nextListener is null && Interlocked.CompareExchange(ref _nextListener, opened.Add(RuntimeApiConnections.Listen()), null) is null)
        {
            opened.Keep();
        }

        return outcome;
    }

    private async Task<StartOutcome> InitializeAsync(Instance instance, long begun, InitPhase phase)
    {
        InitOutcome outcome;
        try
        {
            outcome = await instance.Initialized.WaitAsync(phase.Limit, _time);
        }
        catch (TimeoutException)
        {
            await EndAsync(instance);
            var seconds = phase.Limit.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);
            return Failed(instance, phase, phase.Limit, new(InvocationErrorKind.TimedOut, "Sandbox.Timedout", $"Error: Task timed out after {seconds} seconds"), default);
        }

        if (outcome.TemplateRefusal is { Length: > 0 } refusal)
        {
            instance.Output.Write(new PlatformFault(_time.GetUtcNow(), $"SnapStart is not possible: {refusal}. Instances of this version start by themselves."));
            await EndAsync(instance);
            return new(null, null);
        }

        if (outcome.Ready)
        {
            return new(instance, null);
        }

        if (outcome.Error is { } error)
        {
            await EndAsync(instance);
            var (type, message) = ErrorPayload.Read(error.Span);
            return Failed(instance, phase, _time.GetElapsedTime(begun), new(InvocationErrorKind.InitFailed, type, message), error);
        }

        if (outcome.Failure is { } failure)
        {
            return Failed(instance, phase, _time.GetElapsedTime(begun), new(InvocationErrorKind.InitFailed, failure.Type, "Error: " + failure.Message), default);
        }

        var text = ExitText.Of(await instance.Extensions.RuntimeExit);
        return Failed(instance, phase, _time.GetElapsedTime(begun), new(InvocationErrorKind.InitFailed, "Runtime.ExitError", "Error: " + text), default);
    }

    // Extensions may take longer to end than the caller should wait for the runtime's last words.
    private async Task EndAsync(Instance instance)
    {
        _ = instance.StopAsync().AsTask();
        await ((Task)instance.Extensions.RuntimeExit).WaitAsync(LastWords, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private StartOutcome Failed(Instance instance, InitPhase phase, TimeSpan took, InvocationError error, ReadOnlyMemory<byte> payload)
    {
        var status = error.Kind == InvocationErrorKind.TimedOut ? PlatformStatus.Timeout : PlatformStatus.Error;
        var (type, now) = (ErrorTypes.Normalize(error.Type), _time.GetUtcNow());
        instance.Output.Write(
            new PlatformInitRuntimeDone(now, phase.Name, phase.Type, status, type),
            new PlatformInitReport(now, phase.Name, phase.Type, status, type, took));
        return new(null, new(null, error) { ErrorPayload = payload, Failed = instance, Took = took });
    }

    private static StartOutcome Fail(InvocationErrorKind kind, string type, string message) => new(null, new(null, new(kind, type, message)));

    private static int FreePort()
    {
        using var probe = RuntimeApiConnections.Listen();
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    // Closes what was opened for a sandbox that then did not start.
    private sealed class Opened : IDisposable
    {
        private Socket? _socket;

        public Socket Add(Socket socket) => _socket = socket;

        public void Keep() => _socket = null;

        public void Dispose() => _socket?.Dispose();
    }
}
