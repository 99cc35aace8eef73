using System.Text.Json;

namespace Mayfly.Server.Tests.Shims;

public sealed class DotNetShimTests
{
    private static string Fixture => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../Fixtures/DotNetFunction/bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0"));

    private static async Task<ShimProcess> Ready(string method) =>
        ShimProcess.StartReady(await Machine.Catalog, "dotnet10", $"DotNetFunction::Fixture.Handlers::{method}", Fixture);

    [Fact]
    public async Task A_shim_that_looks_for_its_next_frame_misses_nothing()
    {
        using var shim = await Ready("Text");
        shim.CheckPolling();
        shim.Stop();
    }

    [Theory]
    [InlineData("Poco", """{"id":1,"note":"n"}""", """{"id":2,"note":"n"}""")]
    [InlineData("Text", "\"hi\"", "\"hi!\"")]
    [InlineData("Text", """{"a":1}""", "\"{\\\"a\\\":1}!\"")]
    [InlineData("Nothing", """{"Id":7}""", "null")]
    [InlineData("Later", """{"ID":1}""", """{"id":2,"note":null}""")]
    [InlineData("Soon", """{"id":5}""", "5")]
    [InlineData("LaterNothing", "{}", "null")]
    [InlineData("Bytes", """{ "as":"it is" }""", """{ "as":"it is" }""")]
    [InlineData("Custom", """{"id":1,"note":"loud"}""", """{"Id":1,"Note":"LOUD"}""")]
    public async Task Every_shape_of_handler_answers(string method, string @event, string answer)
    {
        using var shim = await Ready(method);
        shim.Invoke(@event).ShouldBe(answer);
        shim.Invoke(@event).ShouldBe(answer);
    }

    [Fact]
    public async Task The_instance_lives_on_and_large_answers_arrive()
    {
        using var shim = await Ready("Count");
        shim.Invoke("{}").ShouldBe("1");
        shim.Invoke("{}").ShouldBe("2");
        using var large = await Ready("Long");
        large.Invoke("7000000").Length.ShouldBe(7_000_002);
        large.InvokeFailing("17000000").GetProperty("errorType").GetString().ShouldBe("Function.ResponseSizeTooLarge");
    }

    [Fact]
    public async Task The_context_is_the_packages_own_interface()
    {
        using var shim = await Ready("Context");
        shim.SendInvoke("{}", clientContext: """{"custom":{"a":"b"},"client":{"app_title":"t"}}""", identity: """{"cognitoIdentityId":"me"}""", tenant: "acme");
        var (type, _, payload) = shim.Receive();
        type.ShouldBe((byte)18, payload);
        payload.ShouldBe("""["r-1","hello","$LATEST","arn:aws:lambda:us-east-1:000000000000:function:hello","128","True","me","b","t","acme"]""");
        var lines = shim.Stop().Split('\n');
        lines[0].ShouldEndWith("\tr-1\tinfo\tline");
        lines[1].ShouldEndWith("\tr-1\twarn\tcareful");
        lines[2].ShouldEndWith("\tr-1\tfail\tbad");
    }

    [Fact]
    public async Task An_exception_keeps_type_message_cause_and_stack()
    {
        using var shim = await Ready("Throws");
        var error = shim.InvokeFailing("1");
        error.GetProperty("errorType").GetString().ShouldBe("InvalidOperationException");
        error.GetProperty("errorMessage").GetString().ShouldBe("wrong");
        error.GetProperty("stackTrace").EnumerateArray().Select(l => l.GetString()!).ShouldHaveSingleItem().ShouldStartWith("at Fixture.Handlers.Throws(Int32 depth)");
        error.GetProperty("cause").GetProperty("errorType").GetString().ShouldBe("NotSupportedException");
    }

    [Theory]
    [InlineData("nothing", "LambdaValidationException", "Invalid lambda function handler: 'nothing'.")]
    [InlineData("No::Fixture.Handlers::Poco", "LambdaValidationException", "Could not find the specified handler assembly with the file name 'No, Culture=neutral, PublicKeyToken=null'.")]
    [InlineData("DotNetFunction::Fixture.No::Poco", "LambdaValidationException", "Unable to load type 'Fixture.No' from assembly 'DotNetFunction'.")]
    [InlineData("DotNetFunction::Fixture.Handlers::No", "LambdaValidationException", "Unable to find method 'No' in type 'Fixture.Handlers' from assembly 'DotNetFunction': Found no methods matching method name 'No'.")]
    [InlineData("DotNetFunction::Fixture.Handlers::Overloaded", "LambdaValidationException", "The method 'Overloaded' in type 'Fixture.Handlers' appears to have a number of overloads.")]
    [InlineData("DotNetFunction::Fixture.BrokenConstructor::Run", "TargetInvocationException", "Exception has been thrown by the target of an invocation.")]
    public async Task A_function_that_does_not_load_is_an_init_error(string handler, string type, string message)
    {
        using var shim = ShimProcess.Start(await Machine.Catalog, "dotnet10", handler.Contains("::", StringComparison.Ordinal) ? handler : "a::b", Fixture, ("_HANDLER", handler));
        var error = shim.ReceiveInitError();
        error.GetProperty("errorType").GetString().ShouldBe(type);
        error.GetProperty("errorMessage").GetString()!.ShouldStartWith(message);
    }

    [Fact]
    public async Task Slots_overlap_and_keep_their_request_ids()
    {
        // They block their threads: none may have to wait until the pool thinks of another.
        const int slots = 8;
        using var shim = ShimProcess.StartReady(await Machine.Catalog, "dotnet10", "DotNetFunction::Fixture.Handlers::Meet", Fixture, ("MAYFLY_CONCURRENCY", $"{slots}"));
        for (var slot = 1; slot <= slots; slot++)
        {
            shim.SendInvoke($"{slots}", slot, $"id-{slot}");
        }

        var answers = Enumerable.Range(0, slots).Select(_ => shim.Receive()).OrderBy(a => a.Slot).ToList();
        answers.ShouldBe(Enumerable.Range(1, slots).Select(slot => ((byte)18, slot, "\"none\"")));
        var lines = shim.Stop().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToList();
        foreach (var text in new[] { "waiting", "met" })
        {
            lines.Where(line => line[^1] == text).Select(line => line[1]).Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(1, slots).Select(slot => $"id-{slot}"));
        }
    }

    [Fact]
    public async Task Exiting_really_exits_and_so_does_losing_the_server()
    {
        using var shim = await Ready("Exit");
        shim.SendInvoke("7");
        shim.ExitCode().ShouldBe(7);
        using var other = await Ready("Exit");
        other.Close();
        other.ExitCode().ShouldBe(0);
    }
}
