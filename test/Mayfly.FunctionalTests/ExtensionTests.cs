using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Extensions run beside functions of built-in and foreign runtimes, brought by a layer or by the function itself.</summary>
public sealed class ExtensionTests(ExtensionServer shared) : IClassFixture<ExtensionServer>
{
    /// <summary>What all extensions of these tests share: calls by the standard library alone.</summary>
    private const string Calls = """
        #!/usr/bin/env python3
        import http.client, json, os, sys, time
        def call(method, path, body=None, **headers):
            connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
            connection.request(method, path, None if body is None else json.dumps(body), {k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read() or b"null")
        def register(*events):
            status, headers, body = call("POST", "/2020-01-01/extension/register", {"events": events}, Lambda_Extension_Name=os.path.basename(sys.argv[0]))
            print("EXT register", status, json.dumps(body), flush=True)
            return headers["Lambda-Extension-Identifier"]
        def following(me):
            return call("GET", "/2020-01-01/extension/event/next", None, Lambda_Extension_Identifier=me)[2]

        """;

    private const string Watcher = Calls + """
        import http.server, threading
        class Receiver(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                for event in json.loads(self.rfile.read(int(self.headers["Content-Length"]))):
                    print("EXT saw", event["type"], json.dumps(event["record"]), flush=True)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
            def log_message(self, *rest):
                pass
        me = register("INVOKE", "SHUTDOWN")
        server = http.server.ThreadingHTTPServer(("sandbox.localdomain", 0), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("EXT subscribed", call("PUT", "/2022-07-01/telemetry", {"schemaVersion": "2022-12-13", "types": ["platform", "function"], "buffering": {"timeoutMs": 25},
            "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:%d" % server.server_port}}, Lambda_Extension_Identifier=me)[2], flush=True)
        print("EXT hidden", sorted(set(os.environ) & {"_HANDLER", "AWS_EXECUTION_ENV", "LAMBDA_TASK_ROOT", "AWS_LAMBDA_LOG_STREAM_NAME"}), "seen", os.environ["AWS_LAMBDA_FUNCTION_NAME"], flush=True)
        while True:
            event = following(me)
            print("EXT got", event["eventType"], event.get("requestId") or event["shutdownReason"], flush=True)
            if event["eventType"] == "SHUTDOWN":
                print("EXT bye", flush=True)
                sys.exit(0)
            time.sleep(0.3)
        """;

    private const string Function = """
        import os, time
        def handler(event, context):
            print("the function says", event)
            if event == "exit":
                os._exit(7)
            if event == "sleep":
                time.sleep(30)
            return {"pid": os.getpid(), "request": context.aws_request_id, "environment": os.environ["AWS_LAMBDA_RUNTIME_API"]}
        """;

    private const string NodeFunction = "exports.handler = async event => { console.log('the function says', event); return process.pid; };\n";

    [Fact]
    public async Task ExternalExtension_OfPython_SeesInvocationsTelemetryAndTheEnd()
    {
        var server = await shared.GetAsync();
        await CreateAsync(server, "watched", "python3.11", ("app.py", Function), await LayerAsync(server, "watcher", ("extensions/watcher", Watcher)));

        var begun = Environment.TickCount64;
        var first = await server.InvokeAsync("watched", "\"one\"");
        first.FunctionError.ShouldBeNull(first.Payload + await LogAsync(server, "watched"));
        var id = (string)first.Json!["request"]!;
        var second = await server.InvokeAsync("watched", "\"two\"");
        second.FunctionError.ShouldBeNull(second.Payload);

        string log = "";
        await Until.TrueAsync(async () => (log = await LogAsync(server, "watched")).Contains("EXT saw platform.report"), "the report of an invocation");
        log.ShouldContain("EXT register 200 {\"functionName\": \"watched\", \"functionVersion\": \"$LATEST\", \"handler\": \"app.handler\"}");
        log.ShouldContain("EXT subscribed OK");
        log.ShouldContain("EXT hidden [] seen watched");
        log.ShouldContain($"EXT got INVOKE {id}");
        log.ShouldContain("TELEMETRY\tName: watcher\tState: Subscribed\tTypes: [Platform, Function]");
        log.ShouldContain("EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE,SHUTDOWN]");
        log.ShouldContain("EXT saw platform.initStart");
        log.ShouldContain("EXT saw function \"the function says one\"");
        log.ShouldContain("EXT saw platform.runtimeDone");

        // Another version of the function: the instance is not needed any more.
        await UpdateAsync(server, "watched");
        await Until.TrueAsync(async () => (log = await LogAsync(server, "watched")).Contains("EXT bye"), "the end of the extension");
        log.ShouldContain("EXT got SHUTDOWN SPINDOWN");
        (Environment.TickCount64 - begun).ShouldBeLessThan(60_000);
    }

    [Fact]
    public async Task ExternalExtension_HearsOfACrashAndATimeout_BesideAnyRuntime()
    {
        var server = await shared.GetAsync();
        var layer = await LayerAsync(server, "watcher2", ("extensions/watcher", Watcher));
        await CreateAsync(server, "failing", "python3.11", ("app.py", Function), layer);

        var exited = await server.InvokeAsync("failing", "\"exit\"");
        exited.ErrorType.ShouldBe("Runtime.ExitError", exited.Payload);
        exited.ErrorMessage!.ShouldContain("exit status 7");
        await Until.TrueAsync(async () => (await LogAsync(server, "failing")).Contains("EXT got SHUTDOWN FAILURE"), "the crash");
        var late = await server.InvokeAsync("failing", "\"sleep\"");
        late.ErrorType.ShouldBe("Sandbox.Timedout", late.Payload);
        await Until.TrueAsync(async () => (await LogAsync(server, "failing")).Contains("EXT got SHUTDOWN TIMEOUT"), "the timeout");
        (await server.InvokeAsync("failing", "\"well\"")).FunctionError.ShouldBeNull();

        Machine.Need("node", "nodejs");
        await CreateAsync(server, "watchednode", "nodejs20.x", ("app.js", NodeFunction), layer);
        var node = await server.InvokeAsync("watchednode", "\"one\"");
        node.FunctionError.ShouldBeNull(node.Payload + await LogAsync(server, "watchednode"));
        await Until.TrueAsync(async () => (await LogAsync(server, "watchednode")).Contains("EXT saw function"), "what the function said");
    }

    [Theory]
    [InlineData("crashes", "sys.exit(3)\n", "Extension.Crash", "extension broken: exit status 3")]
    [InlineData("initerror", "me = register()\ncall('POST', '/2020-01-01/extension/init/error', {}, Lambda_Extension_Identifier=me, Lambda_Extension_Function_Error_Type='Extension.NoKey')\nsys.exit(1)\n", "Extension.InitError", "extension broken: Extension.NoKey")]
    public async Task ExtensionThatFails_FailsTheFunction(string name, string code, string errorType, string message)
    {
        var server = await shared.GetAsync();
        await CreateAsync(server, name, "python3.11", ("app.py", Function), await LayerAsync(server, name, ("extensions/broken", Calls + code)));

        var answer = await server.InvokeAsync(name, "1");

        answer.FunctionError.ShouldBe("Unhandled", $"{answer} {await LogAsync(server, name)} {await server.LogAsync()}");
        answer.ErrorType.ShouldBe(errorType, answer.Payload);
        answer.ErrorMessage!.ShouldContain(message);
    }

    [Fact]
    public async Task ExtensionThatCannotStart_AndOneTooMany_FailTheFunction()
    {
        var server = await shared.GetAsync();
        await CreateAsync(server, "nosuch", "python3.11", ("app.py", Function), await LayerAsync(server, "nosuch", ("extensions/broken", "#!/no/such/interpreter\n")));
        var nosuch = await server.InvokeAsync("nosuch", "1");
        nosuch.ErrorType.ShouldBe("Extension.LaunchError", $"{nosuch} {await LogAsync(server, "nosuch")} {await server.LogAsync()}");

        (string, string)[] eleven = [.. Enumerable.Range(0, 11).Select(i => ($"extensions/e{i}", "#!/bin/sh\n"))];
        await CreateAsync(server, "eleven", "python3.11", ("app.py", Function), await LayerAsync(server, "eleven", eleven));
        (await server.InvokeAsync("eleven", "1")).ErrorType.ShouldBe("Extension.TooManyExtensions");
    }

    [Fact]
    public async Task InternalExtension_RunsWithinTheFunction_AndALateOneIsRefused()
    {
        var server = await shared.GetAsync();
        const string code = """
            import http.client, json, os, threading
            api = os.environ["AWS_LAMBDA_RUNTIME_API"]
            def call(method, path, body=None, headers={}):
                connection = http.client.HTTPConnection(api)
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                return answer.headers, json.loads(answer.read())
            me = call("POST", "/2020-01-01/extension/register", '{"events":["INVOKE"]}', {"Lambda-Extension-Name": "inside"})[0]["Lambda-Extension-Identifier"]
            seen = []
            told = threading.Event()
            def follow():
                while True:
                    event = call("GET", "/2020-01-01/extension/event/next", None, {"Lambda-Extension-Identifier": me})[1]
                    seen.append(event["requestId"])
                    told.set()
            threading.Thread(target=follow, daemon=True).start()
            def handler(event, context):
                told.wait(10)
                late = call("POST", "/2020-01-01/extension/register", "{}", {"Lambda-Extension-Name": "late"})[1]
                return {"seen": context.aws_request_id in seen, "late": late["errorType"]}
            """;
        await CreateAsync(server, "inside", "python3.11", ("app.py", code));

        var answer = await server.InvokeAsync("inside", "1");

        answer.FunctionError.ShouldBeNull(answer.Payload);
        answer.Json!.ToJsonString().ShouldBe("""{"seen":true,"late":"Extension.RegistrationClosed"}""");
    }

    private static async Task<string> LogAsync(MayflyServer server, string function) =>
        (await server.RunAsync(["logs", function, "--since", "1h"])).ShouldSucceed().Text;

    private static async Task<string> LayerAsync(MayflyServer server, string name, params (string Name, string Text)[] files)
    {
        var body = new JsonObject { ["Content"] = new JsonObject { ["ZipFile"] = Convert.ToBase64String(Zip.Of(files)) } };
        using var answer = await server.Http.PostAsync($"/2018-10-31/layers/{name}/versions", JsonContent.Create(body));
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(201, text);
        return (string)JsonNode.Parse(text)!["LayerVersionArn"]!;
    }

    private static async Task CreateAsync(MayflyServer server, string name, string runtime, (string Name, string Text) file, params string[] layers)
    {
        var body = LambdaApi.Body(name, runtime, "app.handler", Zip.Of(file));
        body["Layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)layer)]);
        using var answer = await LambdaApi.TryCreateAsync(server, body);
        ((int)answer.StatusCode).ShouldBe(201, await answer.Content.ReadAsStringAsync());
    }

    private static async Task UpdateAsync(MayflyServer server, string name)
    {
        using var answer = await server.Http.PutAsync($"/2015-03-31/functions/{name}/configuration", JsonContent.Create(new JsonObject { ["Description"] = "changed" }));
        ((int)answer.StatusCode).ShouldBe(200, await answer.Content.ReadAsStringAsync());
    }
}
