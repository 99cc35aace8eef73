using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;

namespace Mayfly.Bench.Rows;

/// <summary>Mayfly with warm functions, and the bare servers that they are measured beside: all up at once.</summary>
internal sealed class WarmServers : IAsyncDisposable
{
    private readonly WorkFolder _folder = new();
    private readonly ChildServer _kestrel = ChildServer.StartKestrel();
    private readonly ChildServer _inlineKestrel = ChildServer.StartKestrel(inline: true);
    private ChildServer? _node;

    private WarmServers()
    {
    }

    public MayflyServer Mayfly { get; private set; } = null!;

    public Target Kestrel { get; private set; } = null!;

    public Target InlineKestrel { get; private set; } = null!;

    public Target BareNode { get; private set; } = null!;

    public Target Python { get; private set; } = null!;

    public Target Node { get; private set; } = null!;

    public Target NodeConcurrent { get; private set; } = null!;

    /// <summary>A folder for the load generator's own files.</summary>
    public string Scripts => _folder.Path;

    public IReadOnlyList<Target> Targets => [Kestrel, InlineKestrel, BareNode, Python, Node, NodeConcurrent];

    /// <summary>Starts them all, and checks that each gives the same answer.</summary>
    public static async Task<WarmServers> StartAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var servers = new WarmServers();
        try
        {
            await servers.BeginAsync(context, cancellationToken);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Mayfly is not null)
        {
            await Mayfly.DisposeAsync();
        }

        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        await _kestrel.DisposeAsync();
        await _inlineKestrel.DisposeAsync();
        _folder.Dispose();
    }

    private async Task BeginAsync(BenchContext context, CancellationToken cancellationToken)
    {
        Mayfly = await MayflyServer.StartAsync(context, _folder.Of(".mayfly"), cancellationToken);
        await Mayfly.DeployAsync(
            "warm",
            [
                new("python", HelloFunction.Python, "hello.handler"),
                new("node", HelloFunction.Node, "hello.handler"),
                new("node-concurrent", HelloFunction.Node, "hello.handler") { Concurrency = 32 },
                new("node-about", HelloFunction.Node, "hello.about"),
            ],
            cancellationToken);
        _node = ChildServer.StartNode(await Mayfly.ProgramOfAsync("node-about", cancellationToken), Path.Combine(context.Places.Hello, "server.js"));
        Kestrel = Bare("bare Kestrel", _kestrel);
        InlineKestrel = Bare("bare Kestrel, inline", _inlineKestrel);
        BareNode = Bare("bare Node", _node);
        Python = Function("Mayfly Python", "python");
        Node = Function("Mayfly Node", "node");
        NodeConcurrent = Function("Mayfly Node, concurrency 32", "node-concurrent");
        foreach (var server in (ChildServer[])[_kestrel, _inlineKestrel, _node])
        {
            await server.WaitAsync("/", cancellationToken);
        }

        foreach (var target in Targets)
        {
            using var connection = new HttpConnection(target.Port);
            var reply = connection.Call(HttpConnection.Request("GET", target.Path));
            if (reply.Status != 200 || !reply.Body.Contains("Hello World!", StringComparison.Ordinal))
            {
                throw new BenchException($"{target.Name} answered {reply.Status}: {reply.Body}");
            }
        }
    }

    private static Target Bare(string name, ChildServer server) => new(name, server.Port, "/", null, server.Process);

    private Target Function(string name, string function) => new(name, Mayfly.Port, MayflyServer.UrlPath(function), null, Mayfly.Child.Process);
}
