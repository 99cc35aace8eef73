using System.Text.Json;

namespace Mayfly.Server.Tests.Shims;

public sealed class NodeShimTests
{
    private static async Task<ShimProcess> Ready(CodeFolder code, string handler, params (string, string)[] environment) =>
        ShimProcess.StartReady(await Machine.Catalog, "nodejs", handler, code.Root, environment);

    [Theory]
    [InlineData("index.js", "exports.handler = async (e) => ({ n: e.n + 1 })")]
    [InlineData("index.js", "exports.handler = (e, c, done) => setTimeout(() => done(null, { n: e.n + 1 }), 1)")]
    [InlineData("index.js", "exports.handler = (e, c) => { setImmediate(() => c.succeed({ n: e.n + 1 })) }")]
    [InlineData("index.js", "exports.handler = (e, c) => { c.done(null, { n: e.n + 1 }) }")]
    [InlineData("index.mjs", "export const handler = async (e) => ({ n: e.n + 1 })")]
    [InlineData("index.cjs", "module.exports.handler = async (e) => ({ n: e.n + 1 })")]
    public async Task Every_style_of_handler_answers_again_and_again(string file, string source)
    {
        using var code = new CodeFolder((file, source));
        using var shim = await Ready(code, "index.handler");
        shim.Invoke("""{"n":41}""").ShouldBe("""{"n":42}""");
        shim.Invoke("""{"n":42}""").ShouldBe("""{"n":43}""");
    }

    [Fact]
    public async Task A_shim_that_looks_for_its_next_frame_misses_nothing()
    {
        using var code = new CodeFolder(("index.js", "exports.handler = async (e) => e"));
        using var shim = await Ready(code, "index.handler");
        shim.CheckPolling();
        shim.Stop();
    }

    [Fact]
    public async Task A_package_of_type_module_and_a_nested_handler_load()
    {
        using var code = new CodeFolder(("package.json", """{"type":"module"}"""), ("src/app.js", "import fs from 'fs'; await 1; export const api = { get: async () => typeof fs.readFileSync }"));
        using var shim = await Ready(code, "src/app.api.get");
        shim.Invoke("{}").ShouldBe("\"function\"");
    }

    [Fact]
    public async Task The_context_carries_what_lambda_gives()
    {
        using var code = new CodeFolder(("index.js", """
            exports.handler = async (e, c) => [c.awsRequestId, c.functionName, c.functionVersion, c.memoryLimitInMB, c.invokedFunctionArn,
              c.getRemainingTimeInMillis() <= 3000 && c.getRemainingTimeInMillis() > 0, process.env._X_AMZN_TRACE_ID, c.clientContext, c.identity, c.callbackWaitsForEmptyEventLoop, c.tenantId]
            """));
        using var shim = await Ready(code, "index.handler");
        shim.SendInvoke("{}", clientContext: """{"custom":1}""", tenant: "acme");
        shim.Receive().Payload.ShouldBe("""["r-1","hello","$LATEST","128","arn:aws:lambda:us-east-1:000000000000:function:hello",true,"Root=1-2;Sampled=1",{"custom":1},null,true,"acme"]""");
    }

    [Fact]
    public async Task A_client_context_that_is_no_json_is_the_calls_error()
    {
        using var code = new CodeFolder(("index.js", "exports.handler = async (e) => e"));
        using var shim = await Ready(code, "index.handler");
        shim.SendInvoke("1", clientContext: "{");
        JsonSerializer.Deserialize<JsonElement>(shim.Receive().Payload).GetProperty("errorMessage").GetString()!.ShouldStartWith("Cannot parse ClientContext as json: SyntaxError: ");
        shim.Invoke("2").ShouldBe("2");
    }

    [Fact]
    public async Task What_never_answers_is_null_once_the_event_loop_is_empty()
    {
        using var code = new CodeFolder(("index.js", "exports.handler = (e, c, done) => { setTimeout(() => console.log('late'), 5) }"));
        using var shim = await Ready(code, "index.handler");
        shim.Invoke("{}").ShouldBe("null");
        shim.Invoke("{}").ShouldBe("null");
        shim.Stop().Split('\n').Count(l => l.EndsWith("\tINFO\tlate", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task A_callback_waits_for_the_event_loop_unless_told_not_to()
    {
        using var code = new CodeFolder(("index.js", """
            let late = 0;
            exports.handler = (wait, c, done) => { c.callbackWaitsForEmptyEventLoop = wait; const seen = late; setTimeout(() => late++, 50); done(null, seen); }
            """));
        using var shim = await Ready(code, "index.handler");
        shim.Invoke("true").ShouldBe("0");
        shim.Invoke("false").ShouldBe("1");
        shim.Invoke("false").ShouldBe("1");
    }

    [Fact]
    public async Task Console_lines_have_lambdas_form()
    {
        using var code = new CodeFolder(("index.js", "exports.handler = async () => { console.log('a %d', 1, {b: 2}); console.error('two\\nlines') }"));
        using var shim = await Ready(code, "index.handler");
        shim.Invoke("{}").ShouldBe("null");
        shim.Stop().ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tr-1\tINFO\ta 1 \{ b: 2 \}\n\S+\tr-1\tERROR\ttwo\rlines\n$");
    }

    [Theory]
    [InlineData("async () => { throw new TypeError('wrong') }", "TypeError", "wrong")]
    [InlineData("() => { throw new TypeError('wrong') }", "TypeError", "wrong")]
    [InlineData("(e, c, done) => done(new TypeError('wrong'))", "TypeError", "wrong")]
    [InlineData("(e, c, done) => done('text')", "string", "text")]
    [InlineData("(e, c) => { c.fail(new TypeError('wrong')) }", "TypeError", "wrong")]
    [InlineData("async () => { const a = {}; a.a = a; return a }", "Error", "Unable to stringify response body")]
    public async Task Failures_keep_type_and_message_and_the_next_call_works(string handler, string type, string message)
    {
        using var code = new CodeFolder(("index.js", $"const fail = {handler}; exports.handler = (e, c, done) => e.ok ? done(null, 1) : fail(e, c, done)"));
        using var shim = await Ready(code, "index.handler");
        var error = shim.InvokeFailing("{}");
        error.GetProperty("errorType").GetString().ShouldBe(type);
        error.GetProperty("errorMessage").GetString().ShouldBe(message);
        error.GetProperty("trace").ValueKind.ShouldBe(JsonValueKind.Array);
        shim.Invoke("""{"ok":1}""").ShouldBe("1");
    }

    [Theory]
    [InlineData("setTimeout(() => { throw new TypeError('wrong') }, 1)", "TypeError", "wrong", 129)]
    [InlineData("Promise.reject(new TypeError('wrong'))", "Runtime.UnhandledPromiseRejection", "TypeError: wrong", 128)]
    [InlineData("const a = {}; a.a = a; done(null, a)", "Error", "Unable to stringify response body", 129)]
    public async Task What_nothing_catches_is_told_and_ends_the_process(string body, string type, string message, int status)
    {
        using var code = new CodeFolder(("index.js", $"exports.handler = (e, c, done) => {{ {body} }}"));
        using var shim = await Ready(code, "index.handler");
        var error = shim.InvokeFailing("{}", answer: 23);
        error.GetProperty("errorMessage").GetString().ShouldBe(message);
        error.EnumerateObject().Select(p => p.Name).ShouldBe(["errorType", "errorMessage", "trace"]);
        error.GetProperty("errorType").GetString().ShouldBe(type);
        shim.ExitCode().ShouldBe(status);
    }

    [Fact]
    public async Task A_plain_value_that_a_handler_returns_is_its_result_from_version_24_on()
    {
        using var code = new CodeFolder(("index.js", "exports.handler = (e) => Number(process.versions.node.split('.')[0])"));
        using var shim = await Ready(code, "index.handler");
        var answer = shim.Invoke("{}");
        (answer == "null" || int.Parse(answer, System.Globalization.CultureInfo.InvariantCulture) >= 24).ShouldBeTrue(answer);
    }

    [Fact]
    public async Task Packages_of_layers_are_found_by_require_and_import()
    {
        using var layer = new CodeFolder(
            ("node_modules/both/package.json", """{"exports":{"require":"./r.cjs","import":"./i.mjs"}}"""),
            ("node_modules/both/r.cjs", "module.exports = 'required'"),
            ("node_modules/both/i.mjs", "export default 'imported'"));
        foreach (var (file, source, seen) in new[]
        {
            ("index.js", "const both = require('both'); exports.handler = async () => both", "\"required\""),
            ("index.mjs", "import both from 'both'; export const handler = async () => both", "\"imported\""),
        })
        {
            using var code = new CodeFolder((file, source));
            using var shim = await Ready(code, "index.handler", ("NODE_PATH", layer.Root + "/node_modules"));
            shim.Invoke("{}").ShouldBe(seen);
        }
    }

    [Fact]
    public async Task The_machines_sdk_is_found_by_require_and_import_and_nothing_else_of_the_machine_is()
    {
        using var machine = new CodeFolder(
            ("lib/node_modules/@aws-sdk/client-x/package.json", """{"main":"x.js"}"""),
            ("lib/node_modules/@aws-sdk/client-x/x.js", "module.exports = { from: 'machine' }"),
            ("lib/node_modules/other/index.js", "module.exports = 1"));

        // The folder that belongs to an interpreter is found from where the interpreter lies.
        const string elsewhere = "Object.defineProperty(process, 'execPath', { value: process.env.ELSEWHERE + '/bin/node' });";
        using var code = new CodeFolder(
            ("required.js", elsewhere + "const x = require('@aws-sdk/client-x'); let other; try { require('other') } catch (e) { other = e.code } exports.handler = async () => [x.from, other]"),
            ("imported.mjs", "import fs from 'fs'; export const handler = async () => { const x = await import('@aws-sdk/client-x'); return [x.default.from, await import('other').catch(e => e.code)] }"),
            ("elsewhere.cjs", elsewhere));
        foreach (var (handler, options, seen) in new[]
        {
            ("required.handler", "", """["machine","MODULE_NOT_FOUND"]"""),
            ("imported.handler", $"--require {code.Root}/elsewhere.cjs", """["machine","ERR_MODULE_NOT_FOUND"]"""),
        })
        {
            using var shim = await Ready(code, handler, ("ELSEWHERE", machine.Root), ("NODE_OPTIONS", options));
            shim.Invoke("{}").ShouldBe(seen);
        }
    }

    [Fact]
    public async Task A_package_that_an_import_does_not_find_keeps_the_loaders_error()
    {
        using var code = new CodeFolder(("index.mjs", "import 'nothere'; export const handler = async () => 1"));
        using var shim = ShimProcess.Start(await Machine.Catalog, "nodejs", "index.handler", code.Root);
        var error = shim.ReceiveInitError();
        error.GetProperty("errorType").GetString().ShouldBe("Error");
        error.GetProperty("errorMessage").GetString()!.ShouldStartWith("Cannot find package 'nothere' imported from ");
    }

    [Theory]
    [InlineData("require('nothere')", "index.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'nothere'\nRequire stack:\n- ")]
    [InlineData("", "other.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'other'\nRequire stack:\n- ")]
    [InlineData("exports.a = 1", "index.handler", "Runtime.HandlerNotFound", "index.handler is undefined or not exported")]
    [InlineData("exports.handler = 1", "index.handler", "Runtime.HandlerNotFound", "index.handler is not a function")]
    [InlineData("const = 1", "index.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token '='")]
    [InlineData("throw new RangeError('r')", "index.handler", "RangeError", "r")]
    [InlineData("", "../index.handler", "Runtime.MalformedHandlerName", "'../index.handler' is not a valid handler name.")]
    public async Task A_function_that_does_not_load_is_an_init_error(string source, string handler, string type, string message)
    {
        using var code = new CodeFolder(("index.js", source));
        using var shim = ShimProcess.Start(await Machine.Catalog, "nodejs", handler, code.Root);
        var error = shim.ReceiveInitError();
        error.GetProperty("errorType").GetString().ShouldBe(type);
        error.GetProperty("errorMessage").GetString()!.ShouldStartWith(message);
    }

    [Fact]
    public async Task Slots_overlap_and_keep_their_request_ids()
    {
        using var code = new CodeFolder(("index.js", """
            const waiting = [];
            exports.handler = async (e, c) => { await new Promise(go => { waiting.push(go); if (waiting.length === 3) waiting.forEach(g => g()); }); console.log(c.awsRequestId); return e }
            """));
        using var shim = await Ready(code, "index.handler", ("MAYFLY_CONCURRENCY", "3"));
        for (var slot = 1; slot <= 3; slot++)
        {
            shim.SendInvoke($"{slot}", slot, $"id-{slot}");
        }

        var answers = Enumerable.Range(0, 3).Select(_ => shim.Receive()).OrderBy(a => a.Slot).ToList();
        answers.Select(a => a.Payload).ShouldBe(["1", "2", "3"]);
        shim.Stop().Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(line => line.Split('\t', 4)[1] == line.Split('\t', 4)[3]);
    }

    [Fact]
    public async Task What_was_answered_in_the_turn_in_which_the_function_exits_arrives()
    {
        using var code = new CodeFolder(("index.js", """
            exports.handler = async (e) => { for (let n = 0; e === 'exit' && n < 20; n++) await null; if (e === 'exit') process.exit(3); return e }
            """));
        using var shim = await Ready(code, "index.handler", ("MAYFLY_CONCURRENCY", "2"));
        shim.SendTogether(ShimWire.InvokeFrame("\"answer\"", 1), ShimWire.InvokeFrame("\"exit\"", 2));
        shim.Receive().ShouldBe(((byte)18, 1, "\"answer\""));
        shim.ExitCode().ShouldBe(3);
    }

    [Fact]
    public async Task Large_events_and_answers_arrive_whole_and_the_frame_limit_holds()
    {
        using var code = new CodeFolder(("index.js", "exports.handler = async (e) => typeof e === 'string' ? e : 'x'.repeat(e)"));
        using var shim = await Ready(code, "index.handler");
        var text = JsonSerializer.Serialize(new string('a', 6_000_000));
        shim.Invoke(text).ShouldBe(text);
        shim.Invoke("7000000").Length.ShouldBe(7_000_002);
        shim.InvokeFailing("17000000").GetProperty("errorType").GetString().ShouldBe("Function.ResponseSizeTooLarge");
    }

    [Theory]
    [InlineData("exports.handler = () => process.exit(7)", 7)]
    public async Task Exiting_really_exits(string source, int status)
    {
        using var code = new CodeFolder(("index.js", source));
        using var shim = await Ready(code, "index.handler");
        shim.SendInvoke("{}");
        shim.ExitCode().ShouldBe(status);
    }

    [Fact]
    public async Task It_exits_when_the_server_is_gone()
    {
        using var code = new CodeFolder(("index.js", "exports.handler = async () => 1"));
        using var shim = await Ready(code, "index.handler");
        shim.Close();
        shim.ExitCode().ShouldBe(0);
    }
}
