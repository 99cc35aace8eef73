using System.Text.Json.Nodes;
using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Tests.Telemetry;

/// <summary>The platform's own records, as text and as JSON.</summary>
public sealed class PlatformRecordTests
{
    private const string Sampled = "Root=1-1-1;Parent=1;Sampled=1";
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private static readonly PlatformReport Report = new(Now, "id", PlatformStatus.Success, null, TimeSpan.FromMilliseconds(12.3456))
    {
        MemorySizeMb = 128,
        MaxMemoryUsedMb = 31,
        InitDuration = TimeSpan.FromMilliseconds(100.5),
    };

    [Fact]
    public void Report_AsText_IsTheLineThatToolsRead() =>
        Report.Text.ShouldBe("REPORT RequestId: id\tDuration: 12.35 ms\tBilled Duration: 113 ms\tMemory Size: 128 MB\tMax Memory Used: 31 MB\tInit Duration: 100.50 ms\t");

    [Fact]
    public void Report_AsJson_HasMetricsAndStatus() =>
        Report.ToJson().ShouldBe("""{"time":"2026-01-02T03:04:05.678Z","type":"platform.report","record":{"requestId":"id","metrics":{"durationMs":12.346,"billedDurationMs":113,"memorySizeMB":128,"maxMemoryUsedMB":31,"initDurationMs":100.5},"status":"success"}}""");

    [Theory]
    [InlineData(PlatformStatus.Timeout, false, "Status: timeout")]
    [InlineData(PlatformStatus.Error, false, "Status: error\tError Type: Runtime.ExitError")]
    [InlineData(PlatformStatus.Error, true, "Max Memory Used: 31 MB\t")]
    public void Report_OfAFailure_SaysItUnlessTheRuntimeDid(PlatformStatus status, bool reported, string end) =>
        (Report with { Status = status, ErrorType = "Runtime.ExitError", IsReportedByRuntime = reported, InitDuration = null }).Text!.ShouldEndWith(end);

    [Fact]
    public void Tracing_StandsOnlyInWhatIsSampled()
    {
        var start = new PlatformStart(Now, "id", "arn", "7", Sampled);
        var json = JsonNode.Parse(start.ToJson())!["record"]!;
        ((string?)json["tracing"]!["value"]).ShouldBe(Sampled);
        ((string?)json["version"]).ShouldBe("7");
        (start with { TraceId = Sampled.Replace("=1", "=0", StringComparison.Ordinal) }).ToJson().ShouldNotContain("tracing");
    }

    [Fact]
    public void Levels_FilterJsonAndNeverText()
    {
        var done = new PlatformRuntimeDone(Now, "id", PlatformStatus.Success, null, TimeSpan.FromMilliseconds(5)) { ProducedBytes = 3 };
        done.IsLogged(isJson: false, PlatformLevel.Warn).ShouldBeTrue();
        done.ToLine(isJson: false).ShouldBe("END RequestId: id");
        done.IsLogged(isJson: true, PlatformLevel.Info).ShouldBeFalse();
        done.IsLogged(isJson: true, PlatformLevel.Debug).ShouldBeTrue();
        done.ToLine(isJson: true).ShouldContain("\"producedBytes\":3");
        var late = done with { Status = PlatformStatus.Timeout };
        late.IsLogged(isJson: true, PlatformLevel.Warn).ShouldBeTrue();
        late.ToLine(isJson: true).ShouldContain("\"status\":\"timeout\"");
        Report.IsLogged(isJson: true, PlatformLevel.Warn).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"level":"debug","message":"x"}""", ApplicationLevel.Debug)]
    [InlineData("""{"message":{"level":"ERROR"},"level":"WARNING"}""", ApplicationLevel.Warn)]
    [InlineData("""{"level":"CRITICAL"}""", ApplicationLevel.Fatal)]
    [InlineData("""{"level":7}""", ApplicationLevel.Info)]
    [InlineData("""{"level":"odd"}""", ApplicationLevel.Info)]
    [InlineData("""{"level":"DEBUG""", ApplicationLevel.Info)]
    [InlineData("plain DEBUG text", ApplicationLevel.Info)]
    public void Level_OfALineIsWhatItSays(string line, ApplicationLevel expected) => ApplicationLevels.OfLine(line).ShouldBe(expected);

    [Fact]
    public void InitReport_IsALineOnlyWhenItFailed()
    {
        var report = new PlatformInitReport(Now, "init", "on-demand", PlatformStatus.Success, null, TimeSpan.FromSeconds(1));
        report.Text.ShouldBeNull();
        report.Level.ShouldBe(PlatformLevel.Debug);
        (report with { Status = PlatformStatus.Timeout, ErrorType = "Sandbox.Timedout", Duration = TimeSpan.FromSeconds(10) }).Text
            .ShouldBe("INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout");
        (report with { Status = PlatformStatus.Error, ErrorType = "Runtime.ImportModuleError", Phase = "invoke" }).Text
            .ShouldBe("INIT_REPORT Init Duration: 1000.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError");
    }
}
