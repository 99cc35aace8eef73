using System.Collections.Immutable;
using System.Net;
using Mayfly.Server.Dialects;
using Mayfly.Server.Dialects.Aws.Lambda;
using Mayfly.Server.Dialects.Http;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.RuntimeApi;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Sandboxes;
using Mayfly.Server.Scaling;
using Mayfly.Server.Services;
using Mayfly.Server.Storage;
using Mayfly.Server.Telemetry;
using Mayfly.Server.Triggers.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server;

/// <summary>Composes the server and runs it: the one place that sees every part.</summary>
public static class ServerHost
{
    /// <summary>How long running invocations get when the server stops. The supervisor's own limit is 5 s.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(3.5);

    private static readonly TimeSpan TidyPeriod = TimeSpan.FromSeconds(10);

    /// <summary>Runs until the token fires, then drains.</summary>
    /// <exception cref="StoreException">The store cannot be used; the message says why.</exception>
    public static async Task RunAsync(ServerSettings settings, CancellationToken stopping)
    {
        var time = TimeProvider.System;
        using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        }).SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning));

        using var database = Database.Open(settings.StoreFolder, StoreSchema.Migrations, loggers.CreateLogger("Mayfly.Server.Storage"));
        using var functions = new FunctionRegistry(database);
        var packages = new CodePackageStore(settings.StoreFolder, time);
        var runtimes = new RuntimeCatalog(ShimsArchive.Definitions, new Lazy<ImmutableArray<Interpreter>>(() => InterpreterProbe.Await(settings.InterpretersFile)));
        using var services = new ServiceRegistry(database, functions, packages, runtimes, settings, time);
        await using var logs = new FunctionLogs(Path.Combine(settings.StoreFolder, "logs"), loggers.CreateLogger<FunctionLogs>());
        using var sandboxes = new SandboxdClient(settings.StoreFolder, loggers.CreateLogger<SandboxdClient>());
        using var pump = new OutputPump();
        var connections = new RuntimeApiConnections();
        var starter = new InstanceStarter(runtimes, sandboxes, connections, pump, logs, new(settings, time));
        var activator = new RevisionActivator(starter, functions.Table, settings, time, loggers.CreateLogger<RevisionActivator>());
        var invoker = new Invoker(functions.Table, new(), activator, time);

        var front = new HttpFront(invoker.InvokeAsync, revision => runtimes.Find(revision.Config.Runtime)?.Contract == RuntimeContract.Http, time, loggers.CreateLogger<HttpFront>());
        var view = new NativeView(functions.Table, runtimes, settings);
        var doors = new Doors(
        [
            new("function URLs at /_url/{function}/", DoorKind.Open, new FunctionUrlDoor(functions.Table, front, settings, time)),
            new("HTTP routes at /_api/{service}/", DoorKind.Open, new HttpApiDoor(services.Find, functions.Table, front, settings, time)),
            new("the admin API at /_mayfly/api/", DoorKind.Control, new NativeDoor(
            [
                new HealthResource(functions.Table),
                new MemoryResource(),
                new SandboxesResource(sandboxes.WaitForHelloAsync),
                new PackagesResource(packages),
                new ServicesResource(services, view),
                new Dialects.Native.FunctionsResource(functions, view, settings),
                new Dialects.Native.InvocationsResource(functions.Table, invoker.InvokeAsync, settings),
                new LogsResource(logs, services, stopping),
            ])),
            new("AWS Lambda at /2015-03-31/functions/", DoorKind.Control, new LambdaDoor(functions, packages, runtimes, invoker, settings, time)),
        ],
        loggers.CreateLogger<Doors>());

        await using var app = Build(settings, connections, loggers);
        app.Run(context => RuntimeApiDoor.ChannelOf(context) is { } channel ? RuntimeApiDoor.HandleAsync(context, channel) : doors.HandleAsync(context));
        await app.StartAsync(CancellationToken.None);
        await TidyAsync(activator, packages, functions.Table, time, stopping);
        await invoker.StopAsync(DrainLimit);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
        await app.StopAsync(limit.Token);
    }

    // Stops what was idle for long and deletes code that nothing names any more, until the server stops.
    private static async Task TidyAsync(RevisionActivator activator, CodePackageStore packages, FunctionTable table, TimeProvider time, CancellationToken stopping)
    {
        using var period = new PeriodicTimer(TidyPeriod, time);
        FunctionSnapshot? collected = null;
        try
        {
            do
            {
                await activator.PruneAsync(KeepAlivePolicy.Fixed);
                if (table.Current is var current && current != collected)
                {
                    var clean = packages.CollectUnreferenced(current.Functions.Values.Select(function => function.Latest.Code.Sha256).ToHashSet(StringComparer.Ordinal));
                    collected = clean ? current : null;
                }
            }
            while (await period.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private static WebApplication Build(ServerSettings settings, RuntimeApiConnections connections, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowSynchronousIO = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, settings.Port);
            if (System.Net.Sockets.Socket.OSSupportsIPv6)
            {
                kestrel.Listen(IPAddress.IPv6Loopback, settings.Port);
            }

            kestrel.Listen(new InstanceEndPoint());
        });
        builder.Services.AddSingleton<IConnectionListenerFactory>(new InstanceTransport(connections));
        return builder.Build();
    }
}
