namespace Mayfly.Server.Tests.Shims;

/// <summary>Several invocations at a time in one instance.</summary>
public sealed class PythonSlotTests
{
    private static async Task<ShimProcess> Ready(CodeFolder code, string slots) =>
        ShimProcess.StartReady(await Machine.Catalog, "python", "app.handle", code.Root, ("MAYFLY_CONCURRENCY", slots));

    private static List<(byte Type, int Slot, string Payload)> InvokeAll(ShimProcess shim, int slots)
    {
        for (var slot = 1; slot <= slots; slot++)
        {
            shim.SendInvoke($"{slot}", slot, $"id-{slot}");
        }

        return [.. Enumerable.Range(0, slots).Select(_ => shim.Receive()).OrderBy(a => a.Slot)];
    }

    [Theory]
    [InlineData("""
        import asyncio, logging
        logging.getLogger().setLevel("INFO")
        waiting = []
        async def handle(event, context):
            waiting.append(asyncio.Event())
            if len(waiting) == 3:
                for one in waiting: one.set()
            await waiting[event - 1 if event <= len(waiting) else -1].wait()
            logging.info(context.aws_request_id)
            return event
        """)]
    [InlineData("""
        import logging, threading
        logging.getLogger().setLevel("INFO")
        together = threading.Barrier(3)
        def handle(event, context):
            together.wait(10)
            logging.info(context.aws_request_id)
            return event
        """)]
    public async Task Slots_overlap_and_keep_their_request_ids(string source)
    {
        using var code = new CodeFolder(("app.py", source));
        using var shim = await Ready(code, "3");
        InvokeAll(shim, 3).Select(a => a.Payload).ShouldBe(["1", "2", "3"]);
        var lines = shim.Stop().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(3);
        lines.ShouldAllBe(line => line.Split('\t', 4)[2] == line.Split('\t', 4)[3]);
    }

    [Theory]
    [InlineData("async def handle(event, context):\n    if event == 2: raise ValueError('two')\n    return event")]
    [InlineData("import asyncio\nasync def handle(event, context):\n    if event == 2: raise asyncio.CancelledError()\n    return event")]
    [InlineData("def handle(event, context):\n    if event == 2: raise ValueError('two')\n    return event")]
    public async Task A_failure_fails_its_own_slot_only(string source)
    {
        using var code = new CodeFolder(("app.py", source));
        using var shim = await Ready(code, "3");
        var answers = InvokeAll(shim, 3);
        answers.Select(a => a.Type).ShouldBe([18, 19, 18]);
        answers[1].Payload.ShouldContain("\"requestId\": \"id-2\"");
        InvokeAll(shim, 1).Single().Payload.ShouldBe("1");
        shim.Stop();
    }

    [Theory]
    [InlineData("import sys\nasync def handle(e, c):\n  print('bye')\n  sys.exit(3)")]
    [InlineData("import sys\ndef handle(e, c):\n  print('bye')\n  sys.exit(3)")]
    public async Task Exiting_really_exits(string source)
    {
        using var code = new CodeFolder(("app.py", source));
        using var shim = await Ready(code, "2");
        shim.SendInvoke("{}");
        shim.ExitCode().ShouldBe(3);
        shim.Output.ShouldBe("bye\n");
    }

    [Theory]
    [InlineData("async def handle(e, c): return e")]
    [InlineData("def handle(e, c): return e")]
    public async Task It_exits_when_the_server_is_gone(string source)
    {
        using var code = new CodeFolder(("app.py", source));
        using var shim = await Ready(code, "2");
        var text = $"\"{new string('a', 3_000_000)}\"";
        shim.Invoke(text).ShouldBe(text);
        shim.Close();
        shim.ExitCode().ShouldBe(0);
    }
}
