using System.Diagnostics;
using System.Text.RegularExpressions;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Functions that misbehave: the caller gets the right error, the others and the function itself work on.</summary>
public sealed partial class FaultTests(SharedServer shared, ITestOutputHelper output)
{
    /// <param name="Do">What the function does.</param>
    /// <param name="Function">Which one.</param>
    /// <param name="Type">The error's type; none when it must succeed.</param>
    /// <param name="Message">A pattern of the whole message, or of the payload when it must succeed.</param>
    /// <param name="Recovers">Whether the same function can work again.</param>
    public sealed record Fault(string Do, string Function, string? Type, string Message, bool Recovers = true)
    {
        public override string ToString() => Do;
    }

    public static TheoryData<Fault> Faults { get; } = new(
        new Fault("sleep", "fault", "Sandbox.Timedout", @"RequestId: [0-9a-f-]{36} Error: Task timed out after 3\.00 seconds"),
        new Fault("memory", "fault", "Runtime.ExitError", @"RequestId: [0-9a-f-]{36} Error: Runtime exited with error: signal: killed"),
        new Fault("exit", "fault", "Runtime.ExitError", @"RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 1"),
        new Fault("exit0", "fault", "Runtime.ExitError", @"RequestId: [0-9a-f-]{36} Error: Runtime exited without providing a reason"),
        new Fault("segv", "fault", "Runtime.ExitError", @"RequestId: [0-9a-f-]{36} Error: Runtime exited with error: signal: segmentation fault( \(core dumped\))?"),
        new Fault("fork", "fault", "BlockingIOError|Sandbox.Timedout|Runtime.ExitError", "(?s).*"),
        new Fault("forkspin", "fault", "Sandbox.Timedout|Runtime.ExitError", "(?s).*(timed out after 3.00 seconds|signal: killed)"),
        new Fault("print", "patient", null, "\"fine\""),
        new Fault("big", "fault", "Function.ResponseSizeTooLarge", @"Response payload size exceeded maximum allowed payload size \(6291556 bytes\)\."),
        new Fault("huge", "fault", "Function.ResponseSizeTooLarge", @"Response payload size exceeded maximum allowed payload size \(6291556 bytes\)\."),
        new Fault("raise", "fault", "ValueError", "no such luck"),
        new Fault("unserialisable", "fault", "Runtime.MarshalError", "Unable to marshal response: Object of type object is not JSON serializable"),
        new Fault("answer-twice", "fault", null, "\"first\""),
        new Fault("garbage", "fault", "Runtime.ExitError", "(?s).*"),
        new Fault("close", "fault", "Runtime.ExitError|Sandbox.Timedout", "(?s).*"),
        new Fault("import", "broken", "Runtime.ImportModuleError", "Unable to import module 'broken': No module named 'a_module_that_is_not_there'", false),
        new Fault("handler", "nohandler", "Runtime.HandlerNotFound", "Handler 'nothing' missing on module 'echo'", false),
        new Fault("syntax", "badsyntax", "Runtime.UserCodeSyntaxError", "(?s)Syntax error in module 'badsyntax': .*", false));

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Misbehaviour_IsToldToItsCaller_AndHurtsNobodyElse(Fault fault)
    {
        var server = await shared.GetAsync();
        (await server.InvokeAsync("echo", "1")).Payload.ShouldBe("1");

        var begun = Stopwatch.GetTimestamp();
        var seen = await server.InvokeAsync(fault.Function, $$"""{"do": "{{fault.Do}}"}""");
        output.WriteLine($"| {fault.Do} | {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms | {seen} |");

        seen.Status.ShouldBe(200, seen.Payload);
        if (fault.Type is null)
        {
            seen.FunctionError.ShouldBeNull(seen.Payload);
            seen.Payload.ShouldBe(fault.Message);
        }
        else
        {
            seen.FunctionError.ShouldBe("Unhandled", seen.Payload);
            fault.Type.Split('|').ShouldContain(seen.ErrorType, seen.Payload);
            seen.ErrorMessage!.ShouldMatch($"^{fault.Message}$");
        }

        (await server.InvokeAsync("echo", "2")).Payload.ShouldBe("2");
        if (fault.Recovers)
        {
            // Twice: the one that comes first may still meet what is left of the broken instance.
            (await server.InvokeAsync(fault.Function)).Payload.ShouldBe("\"fine\"");
            (await server.InvokeAsync(fault.Function)).Payload.ShouldBe("\"fine\"");
        }
        else
        {
            (await server.InvokeAsync(fault.Function)).ErrorType.ShouldBe(fault.Type);
        }
    }

    [Fact]
    public async Task Log_HasStartEndAndReport_WithTheStatusOfWhatWentWrong()
    {
        var server = await shared.GetAsync();

        var late = await server.InvokeAsync("fault", """{"do": "sleep"}""");

        var id = RequestId().Match(late.Log).Groups["id"].Value;
        id.ShouldNotBeEmpty(late.Log);
        late.Log.ShouldContain($"START RequestId: {id} Version: $LATEST");
        late.Log.ShouldContain($"{id} Task timed out after 3.00 seconds");
        late.Log.ShouldContain($"END RequestId: {id}");
        late.Log.ShouldMatch($@"REPORT RequestId: {id}\tDuration: 3000\.00 ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\t(Init Duration: [\d.]+ ms\t)?Status: timeout");
        late.ErrorMessage.ShouldBe($"RequestId: {id} Error: Task timed out after 3.00 seconds");
    }

    [Fact]
    public async Task Neighbours_AreNotSlowed()
    {
        var server = await shared.GetAsync();
        var before = await MedianAsync(server);

        foreach (var fault in new[] { "memory", "exit", "print", "big", "sleep" })
        {
            await server.InvokeAsync(fault == "print" ? "patient" : "fault", $$"""{"do": "{{fault}}"}""");
        }

        var after = await MedianAsync(server);
        output.WriteLine($"p50 of echo: {before.TotalMicroseconds:0} µs before, {after.TotalMicroseconds:0} µs after: {after / before:0.00}×");

        // The promise is 1.5, printed above; a loaded machine must not fail the test.
        (after / before).ShouldBeLessThan(4);
    }

    private static async Task<TimeSpan> MedianAsync(MayflyServer server)
    {
        var took = new List<TimeSpan>();
        for (var call = 0; call < 200; call++)
        {
            var begun = Stopwatch.GetTimestamp();
            await server.InvokeAsync("echo");
            took.Add(Stopwatch.GetElapsedTime(begun));
        }

        took.Sort();
        return took[took.Count / 2];
    }

    [GeneratedRegex("START RequestId: (?<id>[0-9a-f-]{36})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RequestId();
}
