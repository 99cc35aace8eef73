using System.Collections.Concurrent;
using System.Text;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>Runs every case once, on one server, and keeps what each showed.</summary>
public sealed class OdditiesRun : IAsyncDisposable
{
    private readonly Lazy<Task<IReadOnlyDictionary<Oddity, Observation>>> _seen;
    private readonly Dictionary<string, string> _other = [];
    private MayflyServer? _server;

    public OdditiesRun() => _seen = new(RunAsync);

    /// <summary>What each case showed.</summary>
    public Task<IReadOnlyDictionary<Oddity, Observation>> SeenAsync() => _seen.Value;

    /// <summary>Skips what is written for another version of a language than this machine has.</summary>
    public async Task NeedAsync(string? language = null)
    {
        await SeenAsync();
        foreach (var (other, version) in _other.Where(found => language is null || found.Key == language))
        {
            Assert.Skip($"{other} is {version} on this machine; the document is written for {Oddities.Sections.Single(section => section.Language == other).Runtime}");
        }
    }

    /// <summary>The document as this run would write it.</summary>
    public async Task<string> DocumentAsync()
    {
        var seen = await SeenAsync();
        var text = new StringBuilder(Head);
        foreach (var (language, runtime, title) in Oddities.Sections)
        {
            text.Append('\n').Append("## ").Append(title).Append(" (`").Append(runtime).Append("`)\n\n");
            text.Append("| the function | status, `X-Amz-Function-Error` | payload | log | `REPORT` |\n| --- | --- | --- | --- | --- |\n");
            foreach (var oddity in Oddities.All.Where(oddity => oddity.Language == language))
            {
                text.Append(seen[oddity].ToRow(oddity.What)).Append('\n');
            }
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private const string Head = """
        # What callers see of odd results and exceptions

        Made by `RuntimeTests` from functions in `test/Mayfly.FunctionalTests/Fixtures/conformance` and `test/Fixtures/DotNetFunction`, called through the
        Lambda door; each row is asserted. To write it anew: `MAYFLY_REWRITE=1` and that test.

        The rows follow AWS's public runtime clients. `⇥` is a tab, `␍` a carriage return (a line that CloudWatch shows as several), `␊` the end of a line, `⍽` a
        space that does not break. `<id>` is the request id. Frames of interpreters and shims are left out of the stacks of Node.js and C#.

        Where Mayfly does more than AWS: a Python coroutine as handler is awaited (AWS: `Runtime.MarshalError`), a C# handler without a serializer attribute gets
        System.Text.Json (AWS: `LambdaValidationException`), `ValueTask` is awaited, and callbacks work in every version of Node.js (AWS: not from 24 on). The
        warning that AWS prints before an error of the start is not printed.

        """;

    private async Task<IReadOnlyDictionary<Oddity, Observation>> RunAsync()
    {
        var folder = new TemporaryFolder("Fixtures/conformance");
        var built = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../Fixtures/DotNetFunction/bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0"));
        Directory.CreateDirectory(folder["dotnet"]);
        foreach (var file in Directory.EnumerateFiles(built))
        {
            File.Copy(file, Path.Combine(folder["dotnet"], Path.GetFileName(file)));
        }

        _server = await MayflyServer.UpAsync(folder.Path, owned: folder);
        foreach (var (language, runtime, _) in Oddities.Sections.Where(static section => section.Language != "net"))
        {
            var version = (await _server.InvokeAsync(language, """{"case": "version"}""")).Payload.Trim('"');
            if (!runtime.Contains(version, StringComparison.Ordinal))
            {
                _other[language] = version;
            }
        }

        var seen = new ConcurrentDictionary<Oddity, Observation>();
        await Parallel.ForEachAsync(Oddities.All.GroupBy(static oddity => oddity.Language), TestContext.Current.CancellationToken, async (cases, _) =>
        {
            // One after the other: what one does to its instance must not meet the next.
            foreach (var oddity in cases)
            {
                seen[oddity] = Observation.Of(await _server.InvokeAsync(oddity.Function, oddity.Payload));
            }
        });
        return seen;
    }
}
