using System.Buffers.Binary;
using System.Text.Json;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Shims;

/// <summary>Streaming handlers behind frames: what the managed runtime does, and the window.</summary>
public sealed class NodeStreamTests
{
    private const byte Response = 18;
    private const byte Error = 19;
    private const byte Begin = 20;
    private const byte Chunk = 21;
    private const byte End = 22;
    private const byte Fatal = 23;

    [Theory]
    [InlineData("async (e, s) => { s.setContentType('text/plain'); s.write('a'); s.write('b'); s.end() }", "text/plain", "ab")]
    [InlineData("async (e, s) => { s.write('a'); s.end('b') }", "", "ab")]
    [InlineData("async (e, s) => { s.write({ a: 1 }); s.write(new Uint8Array([98])); s.end() }", "", "{\"a\":1}b")]
    [InlineData("async (e, s) => { s.end() }", "", "")]
    [InlineData("async (e, s) => { await require('stream/promises').pipeline(require('stream').Readable.from(['a', 'b']), s) }", "", "ab")]
    [InlineData("async (e, s) => { setTimeout(() => s.end('late'), 20) }", "", "late")]
    [InlineData("async (e, s) => { s.end('a'); return 'ignored' }", "", "a")]
    [InlineData("async (e, s) => { s = awslambda.HttpResponseStream.from(s, { statusCode: 201 }); s.write('a'); s.end() }", "application/vnd.awslambda.http-integration-response", "{\"statusCode\":201}\0\0\0\0\0\0\0\0a")]
    [InlineData("async (e, s) => { s = awslambda.HttpResponseStream.from(s, { statusCode: 302 }); s.end() }", "application/vnd.awslambda.http-integration-response", "{\"statusCode\":302}\0\0\0\0\0\0\0\0")]
    public async Task StreamingHandlers_SendTypeBytesAndEnd(string handler, string type, string text)
    {
        using var code = Code(handler);
        using var shim = await Ready(code);
        for (var round = 0; round < 2; round++)
        {
            shim.SendInvoke("{}");
            var (seen, bytes, end) = Stream(shim);
            (seen, bytes, end).ShouldBe((type, text, ""));
        }
    }

    [Theory]
    [InlineData("async () => { throw new TypeError('early') }", "TypeError", "early")]
    [InlineData("() => { throw new TypeError('early') }", "TypeError", "early")]
    [InlineData("(e, s) => { s.end }", "string", "Streaming does not support non-async handlers.")]
    [InlineData("async (e, s) => { s.destroy() }", "string", "Response stream is not finished.")]
    public async Task FailuresBeforeTheFirstByte_AreErrors(string handler, string type, string message)
    {
        using var code = Code(handler);
        using var shim = await Ready(code);
        shim.SendInvoke("{}");
        var (kind, _, payload) = shim.Receive();
        kind.ShouldBe(Error, payload);
        Told(payload).ShouldBe((type, message));
        shim.SendInvoke("""{"ok":1}""");
        Stream(shim).Text.ShouldBe("ok");
    }

    [Theory]
    [InlineData("async (e, s) => { s.write('a'); throw new TypeError('late') }", "TypeError", "late")]
    [InlineData("async (e, s) => { s.write('a'); s.setContentType('too/late') }", "Runtime.InvalidStreamingOperation", "Cannot set content-type, too late.")]
    [InlineData("async (e, s) => { await require('stream/promises').pipeline(async function* () { yield 'a'; throw new TypeError('late') }, s) }", "TypeError", "late")]
    public async Task FailuresInMidStream_ComeAfterTheBytes(string handler, string type, string message)
    {
        using var code = Code(handler);
        using var shim = await Ready(code);
        shim.SendInvoke("{}");
        var (_, text, end) = Stream(shim);
        text.ShouldBe("a");
        Told(end).ShouldBe((type, message));
        shim.SendInvoke("""{"ok":1}""");
        Stream(shim).Text.ShouldBe("ok");
        shim.Stop().ShouldContain(message);
    }

    [Theory]
    [InlineData("async (e, s) => { await new Promise(() => setTimeout(() => { throw new TypeError('wrong') }, 1)) }", "", "TypeError", "wrong", 129)]
    [InlineData("async (e, s) => { s.write('a'); await new Promise(() => setTimeout(() => { throw new TypeError('wrong') }, 1)) }", "a", "TypeError", "wrong", 129)]
    [InlineData("async (e, s) => { s.write('a'); Promise.reject(new TypeError('wrong')); await new Promise(() => {}) }", "a", "Runtime.UnhandledPromiseRejection", "TypeError: wrong", 128)]
    public async Task WhatNobodyCaught_ComesAfterTheBytes_AndEndsTheProgram(string handler, string text, string type, string message, int status)
    {
        using var code = Code(handler);
        using var shim = await Ready(code);
        shim.SendInvoke("{}");
        var (kind, seen) = (0, "");
        string payload;
        do
        {
            (kind, _, payload) = shim.Receive();
            seen += kind == Chunk ? payload : "";
        }
        while (kind != Fatal);
        seen.ShouldBe(text);
        Told(payload).ShouldBe((type, message));
        shim.ExitCode().ShouldBe(status);
    }

    [Fact]
    public async Task FailureAfterTheEnd_IsLoggedOnly()
    {
        using var code = Code("async (e, s) => { s.end('a'); await new Promise(go => s.once('close', go)); throw new TypeError('after') }");
        using var shim = await Ready(code);
        shim.SendInvoke("{}");
        Stream(shim).ShouldBe(("", "a", ""));
        shim.Stop().ShouldContain("after");
    }

    [Fact]
    public async Task EndOfTheStream_IsToldWhileTheHandlerRuns()
    {
        using var code = Code("async (e, s) => { s.end('a'); await new Promise(go => { const t = setInterval(() => { if (require('fs').existsSync('./go')) { clearInterval(t); go() } }, 5) }) }");
        using var shim = await Ready(code);
        shim.SendInvoke("{}");
        shim.Receive().ShouldBe((Begin, 1, ""));
        shim.Receive().ShouldBe((Chunk, 1, "a"));
        shim.Receive().ShouldBe((Chunk, 1, ""));
        code.Write("go", "");
        shim.Receive().ShouldBe((End, 1, ""));
    }

    [Fact]
    public async Task HandlerThatNeverSettles_IsOverWhenItsStreamIs()
    {
        using var code = Code("async (e, s) => { s.end('a'); await new Promise(() => {}) }");
        using var shim = await Ready(code);
        shim.SendInvoke("{}");
        Stream(shim).ShouldBe(("", "a", ""));
    }

    [Fact]
    public async Task Writer_StopsAtTheWindow_AndGoesOnWhenGranted()
    {
        // The handler counts what it could write before it had to wait: drained only by grants.
        using var code = Code("""
            async (e, s) => {
              const piece = Buffer.alloc(50000, 'x');
              for (let i = 0; i < 20; i++) if (!s.write(piece)) await new Promise(go => s.once('drain', go));
              s.end('!');
            }
            """);
        using var shim = await Ready(code);
        shim.SendInvoke("{}");
        shim.Receive().Type.ShouldBe(Begin);
        var received = 0;
        while (received < ResponseStream.Window)
        {
            var (type, slot, payload) = shim.Receive();
            type.ShouldBe(Chunk);
            slot.ShouldBe(1);
            payload.Length.ShouldBeLessThanOrEqualTo(64 * 1024);
            received += payload.Length;
        }

        received.ShouldBe(ResponseStream.Window);

        // Another frame can only come after a grant: what follows is exactly as much as was granted.
        Grant(shim, 1000);
        shim.Receive().Payload.Length.ShouldBe(1000);
        Grant(shim, 2_000_000);
        var (_, text, end) = Stream(shim, begun: true);
        (received + 1000 + text.Length).ShouldBe(1_000_001);
        text.ShouldEndWith("!");
        end.ShouldBe("");
    }

    [Fact]
    public async Task SlowStream_HoldsNoOtherSlotUp()
    {
        using var code = new CodeFolder(("index.js", "exports.handler = awslambda.streamifyResponse(async (e, s) => { s.end(Buffer.alloc(e, 'x')) })"));
        using var shim = await Ready(code, ("MAYFLY_CONCURRENCY", "2"));
        shim.SendInvoke("1000000", 1);
        shim.Receive().Type.ShouldBe(Begin);
        for (var received = 0; received < ResponseStream.Window; received += shim.Receive().Payload.Length)
        {
        }

        shim.SendInvoke("5", 2, "r-2");
        shim.Receive().ShouldBe((Begin, 2, ""));
        shim.Receive().ShouldBe((Chunk, 2, "xxxxx"));
        shim.Receive().ShouldBe((Chunk, 2, ""));
        shim.Receive().ShouldBe((End, 2, ""));
        Grant(shim, 1_000_000);
        Stream(shim, begun: true).Text.Length.ShouldBe(1_000_000 - ResponseStream.Window);
    }

    [Fact]
    public async Task PlainHandlers_AndTheSwitchForTheGlobal_AreAsBefore()
    {
        using var code = new CodeFolder(("index.js", "exports.handler = async () => typeof awslambda"));
        using var shim = await Ready(code);
        shim.Invoke("{}").ShouldBe("\"object\"");
        using var without = await Ready(code, ("AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA", "1"));
        without.SendInvoke("{}");
        without.Receive().ShouldBe((Response, 1, "\"undefined\""));
    }

    [Fact]
    public async Task SeveralSlots_StreamBesideEachOther()
    {
        using var code = Code("async (e, s, c) => { s.write(`begin ${e}`); await met(); s.end(`end ${e}`); console.log(e) }");
        code.Write("index.js", "let go, here = 0; const both = new Promise((resolve) => go = resolve); const met = () => { if (++here === 2) go(); return both; };\n"
            + await File.ReadAllTextAsync(Path.Combine(code.Root, "index.js"), TestContext.Current.CancellationToken));
        using var shim = await Ready(code, ("MAYFLY_CONCURRENCY", "2"));
        shim.SendInvoke("1", 1, "id-1");
        shim.SendInvoke("2", 2, "id-2");
        var texts = new Dictionary<int, string> { [1] = "", [2] = "" };
        for (var ended = 0; ended < 2;)
        {
            var (type, slot, payload) = shim.Receive();
            type.ShouldBeOneOf(Begin, Chunk, End);
            texts[slot] += type == Chunk ? payload : "";
            ended += type == End ? 1 : 0;
        }

        texts.ShouldBe(new Dictionary<int, string> { [1] = "begin 1end 1", [2] = "begin 2end 2" });
        shim.Stop().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (line.Split('\t')[1], line.Split('\t')[3])).Order().ShouldBe([("id-1", "1"), ("id-2", "2")]);
    }

    private static CodeFolder Code(string handler) =>
        new(("index.js", $"const stream = {handler};\nexports.handler = awslambda.streamifyResponse((e, s, c) => e.ok ? (async () => s.end('ok'))() : stream(e, s, c));"));

    private static async Task<ShimProcess> Ready(CodeFolder code, params (string, string)[] environment) =>
        ShimProcess.StartReady(await Machine.Catalog, "nodejs", "index.handler", code.Root, environment);

    private static (string Type, string Text, string End) Stream(ShimProcess shim, bool begun = false)
    {
        var (kind, _, type) = begun ? (Begin, 1, "") : shim.Receive();
        kind.ShouldBe(Begin, type);
        var text = "";
        while (true)
        {
            var (next, slot, payload) = shim.Receive();
            slot.ShouldBe(1);
            if (next == End)
            {
                return (type, text, payload);
            }

            next.ShouldBe(Chunk, payload);
            text += payload;
        }
    }

    private static void Grant(ShimProcess shim, int bytes)
    {
        var payload = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, bytes);
        shim.Send(3, 1, payload);
    }

    private static (string?, string?) Told(string error)
    {
        var json = JsonSerializer.Deserialize<JsonElement>(error);
        return (json.GetProperty("errorType").GetString(), json.GetProperty("errorMessage").GetString());
    }
}
