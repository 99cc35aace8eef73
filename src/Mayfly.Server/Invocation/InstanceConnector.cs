using System.Net.Sockets;
using Mayfly.Server.Extensions;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Sandboxes;
using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Invocation;

/// <summary>Makes an instance of a sandbox that has just started: reads what it prints, talks to its program, accepts its calls.</summary>
/// <param name="connections">What accepts connections from inside.</param>
/// <param name="pump">What reads the output of instances.</param>
/// <param name="logs">Where output goes.</param>
/// <param name="environment">What names log streams, and the clock.</param>
public sealed class InstanceConnector(RuntimeApiConnections connections, OutputPump pump, FunctionLogs logs, FunctionEnvironment environment)
{
    private readonly TimeProvider _time = environment.Time;

    /// <summary>Connects, and begins to listen. A cold call waits for it on a thread that others need: nothing here waits.</summary>
    /// <returns><see langword="null"/> where the program would have nothing to call.</returns>
    internal Instance? Connect(Sandbox sandbox, InstanceLaunch launch)
    {
        var (revision, plan, external, isPrivate, phase) = (launch.Revision, launch.Plan, launch.External, launch.IsPrivate, launch.Phase);
        var id = sandbox.Id;

        // What can speak frames needs nothing else inside.
        if (isPrivate && sandbox.Listener is null && (plan.Contract != RuntimeContract.Frame || external.Count > 0))
        {
            return null;
        }

        var output = new InstanceOutput(sandbox.Output, revision.Function, id, logs, _time, revision.Config.Logging) { IsShared = revision.Config.Concurrency > 1 };
        var extensionOutput = sandbox.ExtensionOutput is { } pipe ? new InstanceOutput(pipe, revision.Function, id, logs, _time) : null;
        var extensions = new InstanceExtensions(revision, sandbox, external, extensionOutput, _time);
        output.FeedTo(extensions.Feed, TelemetryKinds.Function);
        IInvocationChannel channel = plan.Contract switch
        {
            RuntimeContract.Frame => new FrameChannel(sandbox.Channel!),
            RuntimeContract.RuntimeApi => new RuntimeApiChannel(),
            RuntimeContract.Http => new HttpServerChannel(launch.Port, _time, isPrivate ? sandbox.ConnectAsync : null),
        };
        var instance = new Instance(revision, sandbox, channel, output, _time, freezes: plan.Contract != RuntimeContract.Http && !revision.Config.RunsWhileIdle) { Extensions = extensions };
        output.Announce(new PlatformInitStart(_time.GetUtcNow(), phase.Name, phase.Type)
        {
            RuntimeVersion = plan.RuntimeVersion,
            RuntimeVersionArn = RuntimeVersionName.Arn(revision.Function.Region, revision.Config.Runtime),
            FunctionName = revision.Function.Name,
            FunctionVersion = revision.Version,
            InstanceId = environment.LogStream(revision, id),
            InstanceMaxMemory = revision.Config.MemoryMb * 1024L * 1024,
        });

        // The program may call at once, so its calls are taken only when the instance has begun.
        instance.Begin(launch.OnFree, launch.Begun, phase);
        if ((launch.Listener ?? sandbox.Listener) is { } socket)
        {
            _ = connections.AcceptAsync(socket, instance, isPrivate || !sandbox.HasOwnUser ? null : sandbox.Uid);
            CloseWith(sandbox, socket);
        }

        ServeInside(sandbox, revision.Function);
        pump.Add(output);
        if (extensionOutput is not null)
        {
            pump.Add(extensionOutput);
        }

        return instance;
    }

    // What a network of its own has beside the Runtime API; it ends with the sandbox.
    private void ServeInside(Sandbox sandbox, FunctionKey function)
    {
        if (sandbox.Doors is { } doors)
        {
            _ = connections.AcceptAtDoorsAsync(doors, new(new(function.Account, function.Region, function.Name)));
            CloseWith(sandbox, doors);
        }

        if (sandbox is { NameDatagrams: { } datagrams, NameConnections: { } asking })
        {
            var names = new NameRelay(NameRelay.OfThisMachine());
            _ = names.RelayDatagramsAsync(datagrams);
            _ = names.RelayConnectionsAsync(asking);
            CloseWith(sandbox, datagrams);
            CloseWith(sandbox, asking);
        }
    }

    private static void CloseWith(Sandbox sandbox, Socket socket) =>
        _ = sandbox.Exited.ContinueWith(static (_, s) => ((Socket)s!).Dispose(), socket, TaskScheduler.Default);
}
