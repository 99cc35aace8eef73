namespace Mayfly.FunctionalTests.Harness;

/// <summary>A server with probes in each network mode, on a machine that is connected to <see cref="Internet"/> and asks its name server.</summary>
public sealed class NetworkServer : IAsyncDisposable
{
    /// <summary>Functions that run the code of the event.</summary>
    public const string Manifest = """
        service: networks
        provider: { name: aws, runtime: python3.11, timeout: 30 }
        functions:
          shared: { name: shared, handler: app.handler, mayfly: { network: host } }
          open: { name: open, handler: app.handler, mayfly: { network: egress } }
          neighbour: { name: neighbour, handler: app.handler, mayfly: { network: egress, idle: run } }
          shut: { name: shut, handler: app.handler, mayfly: { network: none } }
          openshell: { name: openshell, runtime: provided.al2023, handler: any, mayfly: { folder: shell, network: egress } }
          shutshell: { name: shutshell, runtime: provided.al2023, handler: any, mayfly: { folder: shell, network: none } }
          openweb: { name: openweb, runtime: http, url: true, mayfly: { folder: web, network: egress, command: python3 web.py } }
          shutweb: { name: shutweb, runtime: http, url: true, mayfly: { folder: web, network: none, command: python3 web.py } }
        """;

    /// <summary>What probes may use: <c>fetch</c>, <c>reach</c> and <c>socket</c>.</summary>
    public const string Code = """
        import socket, urllib.error, urllib.request

        def fetch(url, method="GET", body=None, headers={}):
            try:
                with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=5) as answer:
                    return [answer.status, answer.read().decode()]
            except urllib.error.HTTPError as refused:
                return [refused.code, refused.read().decode()]
            except OSError as failed:
                return [0, str(failed)]

        def reach(address, port):
            try:
                socket.create_connection((address, port), 1).close()
                return "reached"
            except OSError as failed:
                return type(failed).__name__

        def handler(event, context):
            scope = {"event": event, "fetch": fetch, "reach": reach, "socket": socket}
            exec(event["code"], scope)
            return scope.get("result")
        """;

    private const string Shell = """
        #!/bin/sh
        api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
        while true; do
          curl -sS -D /tmp/headers -o /dev/null "$api/invocation/next" || exit 1
          id=$(tr -d '\r' < /tmp/headers | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: //p')
          curl -sS -o /dev/null "$api/invocation/$id/response" -d "\"$AWS_LAMBDA_RUNTIME_API\""
        done
        """;

    private const string WebServer = """
        import http.server, os

        class Hello(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"hello from inside")

        http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Hello).serve_forever()
        """;

    private readonly Lazy<Task<MayflyServer>> _started;
    private readonly TemporaryFolder _project = new();
    private Internet? _internet;

    public NetworkServer() => _started = new(StartAsync);

    /// <summary>The server; the test is skipped where none can be started so.</summary>
    public Task<MayflyServer> GetAsync() => _started.Value;

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated && _started.Value.IsCompletedSuccessfully)
        {
            await (await _started.Value).DisposeAsync();
        }

        if (_internet is not null)
        {
            await _internet.DisposeAsync();
        }

        _project.Dispose();
    }

    /// <summary>Writes the project into a folder.</summary>
    public static TemporaryFolder Write(TemporaryFolder folder) => folder
        .Write("serverless.yml", Manifest).Write("app.py", Code).Write("shell/bootstrap", Shell, executable: true).Write("web/web.py", WebServer);

    private async Task<MayflyServer> StartAsync()
    {
        _internet = await Internet.NeedAsync();
        Write(_project).Write("resolv.conf", $"nameserver {Internet.Names}\n");
        return await MayflyServer.UpAsync(_project.Path, under: Internet.WithResolver(_project["resolv.conf"]));
    }
}
