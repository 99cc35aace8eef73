using Mayfly.Server.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Telemetry;

public sealed class FunctionLogsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Lines_AreKeptMergedByTimeAndSurviveARestart()
    {
        await using (var logs = Open())
        {
            logs.Append(Line("a", 1, "one ä <&>"));
            logs.Append(Line("b", 2, "two"));
            logs.Append(Line("a", 3, "three"));
            logs.Append(Line("a", 3, "four"));
            (await TextsAsync(logs, new())).ShouldBe(["one ä <&>", "two", "three", "four"]);
        }

        await using var again = Open();
        (await TextsAsync(again, new())).ShouldBe(["one ä <&>", "two", "three", "four"]);
        (await TextsAsync(again, new() { Functions = ["a"], Since = Time(2) })).ShouldBe(["three", "four"]);
        (await TextsAsync(again, new() { Predicate = name => name == "b" })).ShouldBe(["two"]);
    }

    [Fact]
    public async Task Follower_GetsWhatIsKeptAndThenEachNewLineOnce()
    {
        await using var logs = Open();
        logs.Append(Line("a", 1, "old"));
        await using var reader = logs.ReadAsync(new() { Follow = true }, default).GetAsyncEnumerator();
        (await reader.MoveNextAsync()).ShouldBeTrue();
        reader.Current.Text.ShouldBe("old");
        for (var i = 0; i < 100; i++)
        {
            logs.Append(Line("a", 2, $"new {i}"));
            (await reader.MoveNextAsync()).ShouldBeTrue();
            reader.Current.Text.ShouldBe($"new {i}");
        }
    }

    [Fact]
    public async Task Follower_IsToldTheEndWhenLogsClose()
    {
        var logs = Open();
        await using var reader = logs.ReadAsync(new() { Follow = true }, default).GetAsyncEnumerator();
        var next = reader.MoveNextAsync();
        logs.Append(Line("a", 1, "last"));
        await logs.DisposeAsync();
        (await next).ShouldBeTrue();
        reader.Current.Text.ShouldBe("last");
        (await reader.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task SlowFollower_LosesTheOldestLinesAndIsTold()
    {
        await using var logs = Open();
        await using var reader = logs.ReadAsync(new() { Follow = true }, default).GetAsyncEnumerator();
        var first = reader.MoveNextAsync();
        for (var i = 0; i < 5000; i++)
        {
            logs.Append(Line("a", 1, "x"));
        }

        await TextsAsync(logs, new() { Functions = [] });
        (await first).ShouldBeTrue();
        var seen = new List<string> { reader.Current.Text };
        while (!seen[^1].Contains("left out", StringComparison.Ordinal))
        {
            (await reader.MoveNextAsync()).ShouldBeTrue();
            seen.Add(reader.Current.Text);
        }

        seen[^1].ShouldStartWith("[mayfly] ");
    }

    [Fact]
    public async Task Flood_CostsTheFloodingFunctionItsLinesAndNobodyElse()
    {
        await using var logs = Open(limit: 4_000_000);
        var text = new string('x', 1000);
        for (var i = 0; i < 100_000; i++)
        {
            logs.Append(Line("flood", 1, text));
        }

        logs.Append(Line("quiet", 2, "heard"));
        (await TextsAsync(logs, new() { Functions = ["quiet"] })).ShouldBe(["heard"]);
        logs.Append(Line("flood", 3, "after"));
        var kept = await TextsAsync(logs, new() { Functions = ["flood"] });
        kept[^1].ShouldBe("after");
        kept.ShouldContain(line => line.StartsWith("[mayfly] ", StringComparison.Ordinal) && line.Contains("were dropped", StringComparison.Ordinal));
        new DirectoryInfo(_folder.Path).EnumerateFiles("flood*", SearchOption.AllDirectories).Sum(file => file.Length).ShouldBeLessThan(8_100_000);
    }

    [Fact]
    public async Task FullFile_IsRotatedOnceAndTheOldestLinesGo()
    {
        await using var logs = Open(limit: 10_000);
        for (var i = 0; i < 1000; i++)
        {
            logs.Append(Line("a", i, $"line {i}"));
        }

        var texts = await TextsAsync(logs, new());
        texts[^1].ShouldBe("line 999");
        texts.Count.ShouldBeInRange(100, 300);
        texts.ShouldBe(Enumerable.Range(1000 - texts.Count, texts.Count).Select(i => $"line {i}"));
        Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Count().ShouldBe(2);
    }

    [Fact]
    public async Task NameThatIsNoFileName_StaysInsideTheFolder()
    {
        await using var logs = Open();
        logs.Append(Line("../../escape", 1, "held"));
        (await TextsAsync(logs, new() { Functions = ["../../escape"] })).ShouldBe(["held"]);
        Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Single().ShouldStartWith(_folder.Path);
    }

    [Fact]
    public async Task VeryLongLine_IsCut()
    {
        await using var logs = Open();
        logs.Append(Line("a", 1, new string('x', 1_000_000)));
        (await TextsAsync(logs, new())).Single().Length.ShouldBeLessThan(70_000);
    }

    [Fact]
    public async Task BrokenLineInAFile_IsPassedOver()
    {
        await using (var logs = Open())
        {
            logs.Append(Line("a", 1, "good"));
        }

        await File.AppendAllTextAsync(Path.Combine(_folder, "us-east-1", "a.log"), "{\"time\":\"20");
        await using var again = Open();
        (await TextsAsync(again, new())).ShouldBe(["good"]);
    }

    [Fact]
    public async Task ManyFunctions_ShareFewOpenFiles()
    {
        await using var logs = Open();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 200; i++)
            {
                logs.Append(Line($"f{i}", round, "x"));
            }
        }

        (await TextsAsync(logs, new())).Count.ShouldBe(400);
    }

    private static DateTimeOffset Time(int second) => DateTimeOffset.UnixEpoch.AddSeconds(second);

    private static LogLine Line(string function, int second, string text) => new(Time(second), function, "us-east-1", "i1", text);

    private static async Task<List<string>> TextsAsync(FunctionLogs logs, FunctionLogsQuery query)
    {
        var texts = new List<string>();
        await foreach (var line in logs.ReadAsync(query, default))
        {
            texts.Add(line.Text);
        }

        return texts;
    }

    private FunctionLogs Open(long limit = 10 * 1024 * 1024) => new(_folder, NullLogger<FunctionLogs>.Instance, limit);
}
