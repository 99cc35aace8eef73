using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Sandboxes;
using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Invocation;

/// <summary>Makes an instance of a revision: a sandbox, a channel to the program in it, and its initialisation.</summary>
/// <param name="runtimes">How each runtime starts.</param>
/// <param name="sandboxes">What starts sandboxes.</param>
/// <param name="connections">What accepts Runtime API connections.</param>
/// <param name="pump">What reads the output of instances.</param>
/// <param name="logs">Where output goes.</param>
/// <param name="environment">What each function finds in its environment.</param>
public sealed class InstanceStarter(
    RuntimeCatalog runtimes,
    SandboxdClient sandboxes,
    RuntimeApiConnections connections,
    OutputPump pump,
    FunctionLogs logs,
    FunctionEnvironment environment)
{
    /// <summary>The Runtime API's address inside a private network.</summary>
    private const string PrivateRuntimeApi = "127.0.0.1:9001";

    private readonly TimeProvider _time = environment.Time;

    /// <summary>Starts an instance and waits until it has initialised.</summary>
    /// <param name="revision">What to run.</param>
    /// <param name="onFree">Gets each slot whenever it becomes free, for the first time before this method returns.</param>
    public async Task<StartOutcome> StartAsync(Revision revision, Action<Slot> onFree)
    {
        // 1. Plan.
        if (!runtimes.TryPlan(revision.Config, out var plan, out var missing))
        {
            return Fail(InvocationErrorKind.RuntimeMissing, "InvalidRuntimeException", missing);
        }

        var isPrivate = revision.Config.Network == NetworkMode.None;
        if (isPrivate && plan.Contract == RuntimeContract.Http)
        {
            return Fail(InvocationErrorKind.RuntimeMissing, "InvalidRuntimeException", $"{revision.Function.Name} is an HTTP server, which needs network: host.");
        }

        // 2. Open what the program will call before it starts.
        using var opened = new Opened();
        var listener = plan.Contract == RuntimeContract.RuntimeApi && !isPrivate ? opened.Add(RuntimeApiConnections.Listen()) : null;
        var port = plan.Contract == RuntimeContract.Http ? FreePort() : 0;
        var id = Guid.NewGuid().ToString("N");
        var runtimeApi = listener is null ? PrivateRuntimeApi : $"127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture)}";
        var spec = new SandboxSpec
        {
            Id = id,
            CodeSha256 = revision.Code.Sha256,
            Shim = plan.Shim,
            Command = plan.Command,
            Environment = environment.For(revision, plan, id, plan.Contract == RuntimeContract.RuntimeApi ? runtimeApi : null, port),
            MemoryMb = revision.Config.MemoryMb,
            TmpMb = revision.Config.EphemeralStorageMb,
            PrivateNetwork = isPrivate,
            Mounts = plan.Mounts,
            Channel = plan.Contract == RuntimeContract.Frame,
            RuntimeApiListener = plan.Contract == RuntimeContract.RuntimeApi && isPrivate,
        };

        // 3. Start.
        var begun = _time.GetTimestamp();
        Sandbox sandbox;
        try
        {
            sandbox = await sandboxes.StartAsync(spec, CancellationToken.None);
        }
        catch (SandboxException e)
        {
            return Fail(InvocationErrorKind.SandboxFailed, "ServiceException", e.Message);
        }

        // 4. Connect.
        var output = new InstanceOutput(sandbox.Output, revision.Function, id, logs, _time);
        var runtimeApiChannel = plan.Contract == RuntimeContract.RuntimeApi ? new RuntimeApiChannel() : null;
        IInvocationChannel channel = plan.Contract switch
        {
            RuntimeContract.Frame => new FrameChannel(sandbox.Channel!),
            RuntimeContract.RuntimeApi => runtimeApiChannel!,
            RuntimeContract.Http => new HttpServerChannel(port, _time),
        };
        var instance = new Instance(revision, sandbox, channel, output, _time);
        pump.Add(output);
        if (runtimeApiChannel is not null && (listener ?? sandbox.Listener) is { } socket)
        {
            opened.Keep();
            _ = connections.AcceptAsync(socket, runtimeApiChannel, isPrivate || !sandbox.HasOwnUser ? null : sandbox.Uid);
            _ = sandbox.Exited.ContinueWith(static (_, s) => ((Socket)s!).Dispose(), socket, TaskScheduler.Default);
        }

        // 5. Initialise.
        instance.Begin(onFree, begun);
        return await InitializeAsync(instance, begun);
    }

    private async Task<StartOutcome> InitializeAsync(Instance instance, long begun)
    {
        var limit = InvocationLimits.Init + TimeSpan.FromSeconds(instance.Revision.Config.TimeoutSeconds);
        InitOutcome outcome;
        try
        {
            outcome = await instance.Initialized.WaitAsync(limit, _time);
        }
        catch (TimeoutException)
        {
            await instance.StopAsync();
            return Failed(instance, begun, "Sandbox.Timedout", $"Error: Task timed out after {limit.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} seconds while initialising", "timeout", default);
        }

        if (outcome.Ready)
        {
            return new(instance, null);
        }

        if (outcome.Error is { } error)
        {
            await instance.StopAsync();
            var (type, message) = ErrorPayload.Read(error.Span);
            return Failed(instance, begun, type, message, "error", error);
        }

        return Failed(instance, begun, "Runtime.ExitError", "Error: " + ExitText.Of(await instance.Exited), "error", default);
    }

    private StartOutcome Failed(Instance instance, long begun, string type, string message, string status, ReadOnlyMemory<byte> payload)
    {
        var took = _time.GetElapsedTime(begun).TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture);
        instance.Output.Write($"INIT_REPORT Init Duration: {took} ms\tPhase: init\tStatus: {status}\tError Type: {type}");
        return new(null, new(null, new(InvocationErrorKind.InitFailed, type, message))
        {
            ErrorPayload = payload,
            LogTail = instance.Output.Tail(),
        });
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
