using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mayfly.Server.Dialects.Aws.Lambda;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Layers;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Dialects.Aws.Lambda;

/// <summary>The Lambda door on a real port, over a real store. No function can run in it.</summary>
internal sealed class LambdaServer : IAsyncDisposable
{
    private const string Prelude = """
        import base64, boto3, hashlib, io, json, os, sys, urllib.request, zipfile
        from botocore.config import Config
        from botocore.exceptions import ClientError
        ROLE = 'arn:aws:iam::000000000000:role/any'
        def client(**more):
            return boto3.client('lambda', endpoint_url=os.environ['MAYFLY_TEST_ENDPOINT'], config=Config(retries={'max_attempts': 0}, parameter_validation=False), **more)
        lam = client()
        def zip_of(**files):
            out = io.BytesIO()
            with zipfile.ZipFile(out, 'w') as z:
                for name, text in files.items():
                    z.writestr(name.replace('__', '.'), text)
            return out.getvalue()
        def create(name='f', **more):
            return lam.create_function(**{**dict(FunctionName=name, Runtime='provided.al2023', Handler='app.handler', Role=ROLE, Code={'ZipFile': zip_of(bootstrap='x')}), **more})
        def refused(code, status, says, call, **arguments):
            try:
                call(**arguments)
            except ClientError as e:
                r = e.response
                assert r['Error']['Code'] == code, r
                assert r['ResponseMetadata']['HTTPStatusCode'] == status, r
                assert says in r['Error']['Message'], r
                assert r['ResponseMetadata']['RequestId'], r
                return r
            raise AssertionError('not refused: ' + code)

        """;

    private readonly TemporaryFolder _folder;
    private readonly WebApplication _app;
    private readonly LambdaStores _stores;

    private LambdaServer(TemporaryFolder folder, WebApplication app, Database database, LambdaStores stores, int port) =>
        (_folder, _app, Database, _stores, Http) = (folder, app, database, stores, new() { BaseAddress = new($"http://127.0.0.1:{port}") });

    public Database Database { get; }

    public FunctionRegistry Registry => _stores.Functions;

    public LayerRegistry Layers => _stores.Layers;

    public ObjectStore Objects => _stores.Objects;

    public HttpClient Http { get; }

    /// <summary>What the door is told about instances that are kept started.</summary>
    public ProvisionedCount Provisioned { get; set; } = new(0, null);

    /// <summary>What the door accepted; nothing delivers it.</summary>
    public EventQueue Events { get; private init; } = null!;

    public string Packages => Path.Combine(_folder, "packages");

    public static async Task<LambdaServer> StartAsync(SignatureCheck? signatures = null)
    {
        var folder = new TemporaryFolder();
        var settings = new ServerSettings { Port = FreePort(), StoreFolder = folder, ShimsFolder = "/none", InterpretersFile = "/none" };
        var database = Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance);
        var registry = new FunctionRegistry(database);
        var packages = new CodePackageStore(folder);
        var sources = MakeSources(database, registry.Table, folder);
        var delivery = new Delivery(database, registry.Table, (_, _) => throw new InvalidOperationException("Nothing runs here."), 2, TimeProvider.System, NullLogger<Delivery>.Instance);
        var objects = new ObjectStore(new BlobFolder(Path.Combine(folder, "objects"), TimeProvider.System), database, new(new(new(database), TimeProvider.System, NullLogger<EventRouter>.Instance), TimeProvider.System), delivery, TimeProvider.System, NullLogger<ObjectStore>.Instance);
        var stores = new LambdaStores(registry, new(database, packages), new(database, registry), new(database, packages, TimeProvider.System), objects, sources);
        var invoker = new Invoker(registry.Table, new ConcurrencyLimits(), null!, TimeProvider.System);
        var events = new EventQueue(database, registry.Table, delivery, TimeProvider.System);
        LambdaServer? server = null;
        var engines = new LambdaEngines(invoker, events, _ => server!.Provisioned);
        var door = new LambdaDoor(stores, new RuntimeCatalog(ShimsArchive.Definitions, []), engines, settings, TimeProvider.System) { Signatures = signatures };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add(settings.BaseUrl);
        app.Run(context =>
        {
            if (door.Accepts(context))
            {
                return door.HandleAsync(context);
            }

            context.Response.StatusCode = StatusCodes.Status418ImATeapot;
            return Task.CompletedTask;
        });
        await app.StartAsync();
        server = new(folder, app, database, stores, settings.Port) { Events = events };
        return server;
    }

    /// <summary>The event source mappings; nothing reads for them.</summary>
    public LambdaSources Sources => _stores.Sources;

    /// <summary>Runs a script with boto3; the test is skipped where that is not installed.</summary>
    public async Task Boto3Async(string script)
    {
        const string interpreter = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(interpreter), "needs python3 and python3-boto3");
        if ((await RunAsync(interpreter, "-c", "import boto3")).Code != 0)
        {
            Assert.Skip("needs python3-boto3");
        }

        var (code, output) = await RunAsync(interpreter, "-c", Prelude + script);
        code.ShouldBe(0, output);
    }

    /// <summary>Runs the aws command line; the test is skipped where that is not installed.</summary>
    public async Task<(int Code, string Output)> AwsAsync(params string[] arguments)
    {
        const string aws = "/usr/bin/aws";
        Assert.SkipUnless(File.Exists(aws), "needs awscli");
        return await RunAsync(aws, ["--endpoint-url", Http.BaseAddress!.ToString(), "lambda", .. arguments]);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        Registry.Dispose();
        Layers.Dispose();
        _stores.CodeSigning.Dispose();
        Database.Dispose();
        _folder.Dispose();
    }

    private async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AWS_ACCESS_KEY_ID"] = "test";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "test";
        start.Environment["AWS_DEFAULT_REGION"] = "us-east-1";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        start.Environment["AWS_PAGER"] = "";
        start.Environment["NO_PROXY"] = "127.0.0.1";

        // Debian's boto3 is older than AWS_ENDPOINT_URL.
        start.Environment["MAYFLY_TEST_ENDPOINT"] = Http.BaseAddress!.ToString();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    // Below the ports that the kernel gives to connections: one of those may be taken again before the server listens.
    private static int FreePort()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }

    private static LambdaSources MakeSources(Database database, FunctionTable table, string folder)
    {
        var queues = new QueueRegistry(database, TimeProvider.System);
        var engine = new QueueEngine(database, queues, new(folder), TimeProvider.System, NullLogger<QueueEngine>.Instance);
        var (mappings, brokers) = (new MappingRegistry(database), new BrokerRegistry(database));
        var services = new MappingServices(table, static (_, _) => throw new InvalidOperationException("Nothing runs here."), TimeProvider.System, TimeProvider.System, NullLogger<MappingServices>.Instance);
        return new(mappings, new(mappings, brokers, queues, engine, services), queues, brokers);
    }
}
