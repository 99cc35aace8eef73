using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RabbitMQ.Client;

namespace Mayfly.Server.Tests.Resources.EventSources;

/// <summary>A message broker of the test's own: its ports, its folder, an ordinary process that can be killed and started again.</summary>
internal sealed class RabbitBroker : IAsyncDisposable
{
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private readonly string _folder;
    private readonly int _port = FreePort();
    private readonly int _distribution = FreePort();
    private readonly int _names = FreePort();
    private readonly Process _nameServer;
    private Process? _process;

    private RabbitBroker(string folder)
    {
        _folder = folder;
        _nameServer = Run("epmd", []);
    }

    public string Url => $"amqp://guest:guest@127.0.0.1:{_port}";

    /// <summary>Starts one; the test is skipped where none is installed.</summary>
    /// <param name="folder">Where it keeps what it has.</param>
    public static async Task<RabbitBroker> StartAsync(string folder)
    {
        Assert.SkipUnless(File.Exists(Server), "needs rabbitmq-server");
        var broker = new RabbitBroker(folder);
        try
        {
            await broker.RestartAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, on what it wrote before.</summary>
    public async Task RestartAsync()
    {
        _process = Run(Server, new()
        {
            ["RABBITMQ_NODENAME"] = "mayfly@localhost",
            ["RABBITMQ_NODE_PORT"] = $"{_port}",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_DIST_PORT"] = $"{_distribution}",
            ["RABBITMQ_MNESIA_BASE"] = $"{_folder}/data",
            ["RABBITMQ_LOG_BASE"] = $"{_folder}/log",
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = $"{_folder}/plugins",
            ["RABBITMQ_CONFIG_FILE"] = $"{_folder}/none",
            ["RABBITMQ_CONF_ENV_FILE"] = $"{_folder}/none",
            ["RABBITMQ_LOGS"] = "-",
        });
        var begun = Stopwatch.StartNew();
        while (true)
        {
            _process.HasExited.ShouldBeFalse("the broker ended");
            begun.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(180), "the broker to start");
            try
            {
                await using var connection = await ConnectAsync();
                return;
            }
            catch (RabbitMQ.Client.Exceptions.BrokerUnreachableException)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public Task<IConnection> ConnectAsync() => new ConnectionFactory { Uri = new(Url), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    /// <summary>How many messages are ready.</summary>
    public async Task<uint> CountAsync(string queue)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _nameServer.Kill();
        await _nameServer.WaitForExitAsync();
        _nameServer.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Process Run(string program, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["HOME"] = _folder;
        start.Environment["ERL_EPMD_PORT"] = $"{_names}";
        start.Environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
