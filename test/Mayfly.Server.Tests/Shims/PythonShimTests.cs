using System.Text.Json;

namespace Mayfly.Server.Tests.Shims;

public sealed class PythonShimTests
{
    [Theory]
    [InlineData("3.8")]
    [InlineData("3.9")]
    [InlineData("3.10")]
    [InlineData("3.11")]
    [InlineData("3.12")]
    [InlineData("3.13")]
    public async Task Every_version_answers_and_carries_the_context(string version)
    {
        var catalog = await Machine.Catalog;
        Assert.SkipUnless(catalog.InterpreterOf("python" + version)?.Version == version, $"Python {version} is not installed");
        using var code = new CodeFolder(("pkg/mod.py", """
            import logging, os
            logging.getLogger().setLevel(logging.INFO)
            def handle(event, context):
                print("seen", event["n"])
                logging.info("logged %s", 1)
                return {"n": event["n"] + 1, "id": context.aws_request_id, "left": 0 < context.get_remaining_time_in_millis() <= 3000,
                        "name": context.function_name, "mb": context.memory_limit_in_mb, "trace": os.environ["_X_AMZN_TRACE_ID"],
                        "custom": context.client_context.custom["a"], "title": context.client_context.client.app_title,
                        "who": context.identity.cognito_identity_id, "tenant": context.tenant_id, "text": "ä"}
            """));
        using var shim = ShimProcess.StartReady(catalog, "python" + version, "pkg/mod.handle", code.Root);
        shim.SendInvoke("""{"n":41}""", slot: 1, requestId: "r-9", clientContext: """{"custom":{"a":"b"},"client":{"app_title":"t"}}""", identity: """{"cognitoIdentityId":"me"}""", tenant: "acme");
        var (type, _, payload) = shim.Receive();
        type.ShouldBe((byte)18, payload);
        var text = Version.Parse(version) < new Version(3, 12) ? @"\u00e4" : "ä";
        payload.ShouldBe("""{"n": 42, "id": "r-9", "left": true, "name": "hello", "mb": "128", "trace": "Root=1-2;Sampled=1", "custom": "b", "title": "t", "who": "me", "tenant": "acme", "text": "$"}""".Replace("$", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_shim_that_looks_for_its_next_frame_misses_nothing()
    {
        using var code = new CodeFolder(("app.py", "def handle(event, context):\n    return event\n"));
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root);
        shim.CheckPolling();
        shim.Stop();
    }

    [Fact]
    public async Task A_fork_that_comes_back_from_the_handler_does_not_answer()
    {
        using var code = new CodeFolder(("app.py", """
            import os
            def handle(event, context):
                if event != "fork":
                    return event
                child = os.fork()
                if child == 0:
                    return "child"
                os.waitpid(child, 0)
                return "parent"
            """));
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root);
        shim.Invoke("\"fork\"").ShouldBe("\"parent\"");
        shim.Invoke("\"next\"").ShouldBe("\"next\"");
    }

    [Fact]
    public async Task Output_and_log_lines_have_lambdas_form()
    {
        using var code = new CodeFolder(("app.py", """
            import logging
            logger = logging.getLogger("x")
            logger.setLevel("INFO")
            def handle(event, context):
                logger.info("hi")
                print("plain")
            """));
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root);
        shim.Invoke("{}").ShouldBe("null");
        shim.Stop().ShouldMatch(@"^\[INFO\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tr-1\thi\nplain\n$");
    }

    [Fact]
    public async Task An_exception_keeps_type_message_and_the_functions_own_stack()
    {
        using var code = new CodeFolder(("app.py", """
            def inner():
                raise ValueError("wrong")
            def handle(event, context):
                return inner() if event else {"fine": True}
            """));
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root);
        var error = shim.InvokeFailing("""{"a":1}""");
        error.GetProperty("errorType").GetString().ShouldBe("ValueError");
        error.GetProperty("errorMessage").GetString().ShouldBe("wrong");
        error.GetProperty("requestId").GetString().ShouldBe("r-1");
        var stack = error.GetProperty("stackTrace").EnumerateArray().Select(e => e.GetString()!).ToList();
        stack.Count.ShouldBe(2);
        stack[0].ShouldStartWith($"  File \"{code.Root}/app.py\", line 4, in handle\n");
        shim.Invoke("{}").ShouldBe("""{"fine": true}""");
        shim.Stop().ShouldStartWith("[ERROR] ValueError: wrong\rTraceback (most recent call last):\r");
    }

    [Theory]
    [InlineData("import nothere\ndef handle(e, c): pass", "app.handle", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'nothere'")]
    [InlineData("def other(e, c): pass", "app.handle", "Runtime.HandlerNotFound", "Handler 'handle' missing on module 'app'")]
    [InlineData("", "missing.handle", "Runtime.ImportModuleError", "Unable to import module 'missing': No module named 'missing'")]
    [InlineData("", "handle", "Runtime.MalformedHandlerName", "Bad handler 'handle': not enough values to unpack (expected 2, got 1)")]
    [InlineData("def (:", "app.handle", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': ")]
    [InlineData("raise KeyError('k')", "app.handle", "KeyError", "'k'")]
    public async Task A_function_that_does_not_load_is_an_init_error(string source, string handler, string type, string message)
    {
        using var code = new CodeFolder(("app.py", source));
        using var shim = ShimProcess.Start(await Machine.Catalog, "python", handler, code.Root);
        var error = shim.ReceiveInitError();
        error.GetProperty("errorType").GetString().ShouldBe(type);
        error.GetProperty("errorMessage").GetString()!.ShouldStartWith(message);
        shim.Output.ShouldContain($"[ERROR] {type}: {message}");
    }

    [Fact]
    public async Task A_result_that_is_no_json_is_a_marshal_error()
    {
        using var code = new CodeFolder(("app.py", "def handle(e, c): return {1, 2}"));
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root);
        var error = shim.InvokeFailing("{}");
        error.GetProperty("errorType").GetString().ShouldBe("Runtime.MarshalError");
        error.GetProperty("errorMessage").GetString().ShouldBe("Unable to marshal response: Object of type set is not JSON serializable");
    }

    [Theory]
    [InlineData("{", "", "Runtime.UnmarshalError", "Unable to unmarshal input: ")]
    [InlineData("1", "{", "Runtime.LambdaContextUnmarshalError", "Unable to parse Client Context JSON: ")]
    public async Task An_event_or_a_context_that_is_no_json_is_named(string @event, string clientContext, string type, string message)
    {
        using var code = new CodeFolder(("app.py", "def handle(e, c): return e"));
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root);
        shim.SendInvoke(@event, clientContext: clientContext);
        var error = JsonSerializer.Deserialize<JsonElement>(shim.Receive().Payload);
        error.GetProperty("errorType").GetString().ShouldBe(type);
        error.GetProperty("errorMessage").GetString()!.ShouldStartWith(message);
        shim.Invoke("2").ShouldBe("2");
    }

    [Fact]
    public async Task Half_a_surrogate_pair_ends_the_versions_that_do_not_escape()
    {
        var catalog = await Machine.Catalog;
        Assert.SkipUnless(catalog.InterpreterOf("python3.12")?.Version == "3.12", "Python 3.12 is not installed");
        using var code = new CodeFolder(("app.py", "def handle(e, c): return e"));
        using var shim = ShimProcess.StartReady(catalog, "python3.12", "app.handle", code.Root);
        shim.SendInvoke("\"\\ud83d\"");
        shim.ExitCode().ShouldBe(1);
    }

    [Fact]
    public async Task A_large_result_with_decimals_arrives_whole()
    {
        using var code = new CodeFolder(("app.py", """
            import decimal
            def handle(n, c): return [{"price": decimal.Decimal("1.10"), "name": "a\"b"}] * n
            """));
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root);
        shim.Invoke("100000").ShouldBe($"[{string.Join(", ", Enumerable.Repeat("""{"price": 1.10, "name": "a\"b"}""", 100_000))}]");
    }

    [Fact]
    public async Task Coroutines_run_on_one_loop()
    {
        using var code = new CodeFolder(("app.py", """
            import asyncio
            async def handle(event, context):
                await asyncio.sleep(0)
                return id(asyncio.get_running_loop())
            """));
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root);
        shim.Invoke("{}").ShouldBe(shim.Invoke("{}"));
    }

    [Theory]
    [InlineData("import sys\ndef handle(e, c):\n  print('bye')\n  sys.exit(3)", 3)]
    [InlineData("import os\ndef handle(e, c): os._exit(1)", 1)]
    public async Task Exiting_really_exits(string source, int status)
    {
        using var code = new CodeFolder(("app.py", source));
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root);
        shim.SendInvoke("{}");
        shim.ExitCode().ShouldBe(status);
    }

    [Fact]
    public async Task Large_events_and_answers_arrive_whole_and_the_frame_limit_holds()
    {
        using var code = new CodeFolder(("app.py", "def handle(e, c): return e if isinstance(e, str) else 'x' * e"));
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root);
        var text = JsonSerializer.Serialize(new string('a', 6_000_000));
        shim.Invoke(text).ShouldBe(text);
        shim.Invoke("7000000").Length.ShouldBe(7_000_002);
        shim.InvokeFailing("17000000").GetProperty("errorType").GetString().ShouldBe("Function.ResponseSizeTooLarge");
    }

    [Fact]
    public async Task It_exits_when_the_server_is_gone()
    {
        using var code = new CodeFolder(("app.py", "def handle(e, c): pass"));
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root);
        shim.Close();
        shim.ExitCode().ShouldBe(0);
    }
}
