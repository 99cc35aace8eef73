using System.Collections.Immutable;
using System.Net;
using Mayfly.Server.Dialects;
using Mayfly.Server.Dialects.Aws.Events;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Lambda;
using Mayfly.Server.Dialects.Aws.Query;
using Mayfly.Server.Dialects.Aws.S3;
using Mayfly.Server.Dialects.Aws.Scheduler;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Dialects.Aws.Sns;
using Mayfly.Server.Dialects.Http;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.CodeSigning;
using Mayfly.Server.Functions.Images;
using Mayfly.Server.Functions.Layers;
using Mayfly.Server.Identity;
using Mayfly.Server.Invocation;
using Mayfly.Server.RuntimeApi;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Connections;
using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Resources.Logs;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Resources.Objects.Notifications;
using Mayfly.Server.Resources.Replays;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Sandboxes;
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

    /// <summary>How long events get that were being delivered to be written down.</summary>
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(0.5);

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
        }).SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning)

            // It would give every request an activity and a logging scope; what goes wrong is told by Doors.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None));

        using var database = Database.Open(settings.StoreFolder, StoreSchema.Migrations, loggers.CreateLogger("Mayfly.Server.Storage"));
        using var functions = new FunctionRegistry(database);
        var packages = new CodePackageStore(settings.StoreFolder, time);
        var runtimes = new RuntimeCatalog(ShimsArchive.Definitions, new Lazy<ImmutableArray<Interpreter>>(() => InterpreterProbe.Await(settings.InterpretersFile)));
        using var layers = new LayerRegistry(database, packages);
        using var images = new ImageRegistry(database, packages, time);
        using var signing = new CodeSigningRegistry(database, functions);
        await using var logs = new FunctionLogs(Path.Combine(settings.StoreFolder, "logs"), loggers.CreateLogger<FunctionLogs>());
        using var sandboxes = new SandboxdClient(settings.StoreFolder, new(settings.StemMemoryMb * 1024L * 1024L, Environment.ProcessorCount), loggers.CreateLogger<SandboxdClient>());
        using var pump = new OutputPump();
        var connections = new RuntimeApiConnections();
        var credentials = new FunctionCredentials(settings.StoreFolder, time);
        var environment = new FunctionEnvironment(settings, credentials, time);
        using var forecast = new StemForecast(functions.Table, runtimes, sandboxes, environment);
        var starter = new InstanceStarter(runtimes, sandboxes, new(connections, pump, logs, environment), environment);
        var activator = new RevisionActivator(starter.StartAsync, functions.Table, settings, time, loggers.CreateLogger<RevisionActivator>()) { Closed = starter.Forget };
        var invoker = new Invoker(functions.Table, new(), activator, time);
        TimeProvider clock = settings.Clock is { } start ? new VirtualTime(start) : time;
        ValueTask<InvocationResult> invoke(InvocationRequest request, CancellationToken aborted) => new(PoolScheduler.RunAsync(() => invoker.InvokeAsync(request, aborted).AsTask()));
        using var delivery = new Delivery(database, functions.Table, invoke, settings.MaxInstances / 2, clock, loggers.CreateLogger<Delivery>());
        var events = new EventQueue(database, functions.Table, delivery, clock);
        using var control = new EventControl(database, delivery, clock);
        using var buses = new BusRegistry(database);
        var router = new EventRouter(buses, clock, loggers.CreateLogger<EventRouter>());
        using var scheduler = new SchedulerRegistry(database);
        var schedules = new ScheduleLoop(scheduler, database, [new RuleFirings(buses, router), new ScheduleFirings(scheduler, clock)], delivery, clock, loggers.CreateLogger<ScheduleLoop>());

        using var messaging = new Messaging(settings, database, delivery, clock, loggers, stopping);
        using var mappings = new MappingRegistry(database);
        using var brokers = new BrokerRegistry(database);
        var runners = new MappingRunners(mappings, brokers, messaging.Queues, messaging.Engine, new(functions.Table, invoke, time, clock, loggers.CreateLogger<MappingServices>()));

        var publisher = new BusPublisher(database, router, delivery, clock);
        using var eventConnections = new ConnectionRegistry(database);
        using var apiDestinations = new ApiDestinationTarget(eventConnections, settings.Port, clock);
        var replayer = new ArchiveReplayer(database, buses, router, delivery, clock, loggers.CreateLogger<ArchiveReplayer>());

        var changes = new ObjectEventRouter(router, clock);
        using var objects = new ObjectStore(await BlobPlaces.OpenAsync(settings, database, clock), database, changes, delivery, clock, loggers.CreateLogger<ObjectStore>());

        IEventTarget[] targets = [new BusTarget(buses, publisher), apiDestinations, new LogGroupTarget(logs, clock), .. messaging.Targets, new BucketTarget(objects)];
        var bridge = new EventsParts
        {
            Database = database,
            Buses = buses,
            Publisher = publisher,
            Schedules = schedules,
            Replayer = replayer,
            Connections = eventConnections,
            ApiDestinations = apiDestinations,
            Serves = arn => Array.Exists(targets, target => target.Serves(arn)),
        };

        using var services = new ServiceRegistry(database, functions, layers, runtimes, settings, time)
        {
            Parts =
            [
                new ServiceRules(buses, schedules.Wake, clock),
                new ServiceSchedules(scheduler, clock),
                new ServiceQueues(messaging.Queues, key => messaging.Engine.Count(key), clock),
                new ServiceTopics(messaging.Topics, messaging.Confirmations, delivery, clock),
                new ServiceBuckets(objects, clock),
                new ServiceBrokers(brokers),
                new ServiceMappings(mappings, messaging.Queues, clock),
            ],
        };

        var signatures = new SignatureCheck((key, token) => credentials.TryRecognise(key, token, out _, out var secret) ? secret : null, time);
        var front = new HttpFront(invoker.InvokeAsync, revision => runtimes.Find(revision.Config.Runtime)?.Contract == RuntimeContract.Http, time, loggers.CreateLogger<HttpFront>());
        var s3 = new S3Door(
            new()
            {
                Store = objects,
                Notifications = changes,
                Delivery = delivery,
                Exists = arn => FunctionRef.TryParse(arn, settings.Account, settings.Region, out var function) ? functions.Table.Current.Functions.ContainsKey(function.Key) : messaging.Exists(arn),
                Credentials = credentials,
                Settings = settings,
                Time = time,
            },
            loggers.CreateLogger<S3Door>());
        var view = new NativeView(functions.Table, runtimes, settings);
        var doors = new Doors(
        [
            new("AWS S3, signed for it, at any path", DoorKind.Open, s3.Signed),
            new("function URLs at /_url/{function}/", DoorKind.Open, new FunctionUrlDoor(functions.Table, front, settings, time) { Signatures = signatures }),
            new("HTTP routes at /_api/{service}/", DoorKind.Open, new HttpApiDoor(services.Find, functions.Table, front, settings, time)),
            new("the admin API at /_mayfly/api/", DoorKind.Admin, new NativeDoor(
            [
                new HealthResource(functions.Table),
                new MemoryResource(),
                new ClockResource(clock),
                new SandboxesResource(sandboxes.WaitForHelloAsync, settings),
                new StemsResource(sandboxes.Stems),
                new PackagesResource(packages),
                new ImagesResource(images),
                new ServicesResource(services, view, sandboxes.WaitForHelloAsync),
                new Dialects.Native.FunctionsResource(functions, view, settings),
                new Dialects.Native.InvocationsResource(functions.Table, invoker.InvokeAsync, settings),
                new EventPausesResource(control, functions.Table, settings),
                new EventsResource(events, control, functions.Table, settings, clock),
                new Dialects.Native.SchedulesResource(schedules),
                new BrokersResource(brokers, settings),
                new LogsResource(logs, services, stopping),
            ])),
            new("AWS Lambda at /2015-03-31/functions/", DoorKind.Control, new LambdaDoor(new(functions, layers, signing, images, objects, new(mappings, runners, messaging.Queues, brokers)), runtimes, new(invoker, events, activator.ProvisionedOf), settings, time) { Credentials = credentials, Signatures = signatures }),
            new("AWS EventBridge and SQS at POST /", DoorKind.Control, new JsonDoor([EventsService.Make(bridge, clock), messaging.Sqs], settings) { Credentials = credentials, Signatures = signatures }),
            new("certificates of notifications at /SimpleNotificationService-{id}.pem", DoorKind.Open, new CertificateDoor(messaging.Signer)),
            new("AWS SQS and SNS with forms at / and at the URLs of queues", DoorKind.Control, new QueryDoor([messaging.Sqs, messaging.Sns], settings) { Credentials = credentials, Signatures = signatures }),
            new("AWS EventBridge Scheduler at /schedules and /schedule-groups", DoorKind.Control, new RestJsonDoor(SchedulerService.Make(scheduler, schedules, clock), SchedulerService.Owns, settings) { Credentials = credentials, Signatures = signatures }),
            new("AWS S3 at /{bucket}/{key} and {bucket}.localhost, for buckets that there are", DoorKind.Open, s3),
        ],
        loggers.CreateLogger<Doors>());

        await using var app = Build(settings, connections, loggers);
        app.Run(context => RuntimeApiDoor.InstanceOf(context) is { } instance ? RuntimeApiDoor.HandleAsync(context, instance) : doors.HandleAsync(context));
        await app.StartAsync(CancellationToken.None);
        delivery.Start(targets);
        runners.Start();
        var firing = schedules.RunAsync(stopping);
        var replaying = replayer.RunAsync(stopping);
        var tidyingObjects = objects.RunAsync(stopping);
        var tidyingQueues = messaging.RunAsync(stopping);
        var scaling = new ScaleLoop(activator, time).RunAsync(stopping);
        await TidyAsync(activator, layers, images, functions.Table, time, stopping);
        await scaling;
        await firing;
        await replaying;
        await tidyingObjects;
        await tidyingQueues;
        await delivery.StopAsync();
        await runners.StopAsync();
        await invoker.StopAsync(DrainLimit);
        await Task.WhenAll(delivery.DrainAsync(SettleLimit), runners.DrainAsync(SettleLimit));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
        await app.StopAsync(limit.Token);
    }

    // Keeps instances started that are asked for and deletes code that nothing names any more, until the server stops.
    private static async Task TidyAsync(RevisionActivator activator, LayerRegistry layers, ImageRegistry images, FunctionTable table, TimeProvider time, CancellationToken stopping)
    {
        using var period = new PeriodicTimer(TidyPeriod, time);
        (FunctionSnapshot, object, object)? collected = null;
        try
        {
            do
            {
                activator.Provision(table.Current);
                var (functions, published, added) = (table.Current, layers.Current, images.Current);
                if (collected != (functions, published, added))
                {
                    var clean = layers.Packages.CollectUnreferenced(CodeReferences.Of(functions, published));
                    collected = clean ? (functions, published, added) : null;
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
        builder.WebHost.UseKestrelCore().UseSockets(static sockets =>
        {
            // Requests are handled where they are read (see PoolScheduler), and read without asking first whether there is anything.
            sockets.UnsafePreferInlineScheduling = true;
            sockets.WaitForDataBeforeAllocatingBuffer = false;
        }).ConfigureKestrel(kestrel =>
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
