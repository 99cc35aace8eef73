using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Isolation;

/// <summary>One server with a function in every <see cref="Place"/>, started for the first probe.</summary>
[CollectionDefinition(Collection)]
public sealed class IsolationServer : ICollectionFixture<IsolationServer>, IAsyncDisposable
{
    /// <summary>The tests that share it.</summary>
    public const string Collection = "Isolation";

    /// <summary>What stands in the environment of the command that starts everything.</summary>
    internal const string Secret = "of-the-host-5be1";

    private readonly Lazy<Task<MayflyServer>> _started;
    private readonly Dictionary<string, string> _missing = [];

    public IsolationServer() => _started = new(StartAsync);

    /// <summary>The server; the test is skipped where the place cannot be.</summary>
    internal async Task<MayflyServer> GetAsync(Place place)
    {
        await Machine.NeedSandboxesAsync();
        Machine.Need("node", "nodejs");
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "this machine has no /usr/bin/python3: apt-get install python3");
        var server = await _started.Value;
        Assert.SkipWhen(_missing.TryGetValue(place.Name, out var why), why ?? "");
        return server;
    }

    /// <summary>Carries out steps inside a function.</summary>
    internal async Task<IReadOnlyList<JsonObject>> RunAsync(Place place, params IReadOnlyList<JsonObject> steps) => await RunAsync(await GetAsync(place), place.Name, steps);

    /// <summary>The same in a function by its name.</summary>
    internal static async Task<IReadOnlyList<JsonObject>> RunAsync(MayflyServer server, string function, params IReadOnlyList<JsonObject> steps)
    {
        var answer = await server.InvokeAsync(function, new JsonObject { ["steps"] = new JsonArray([.. steps]) }.ToJsonString());
        answer.Status.ShouldBe(200, $"{function}: {answer.Payload}");
        answer.FunctionError.ShouldBeNull($"{function}: {answer.Payload}");
        return [.. answer.Json!.AsArray().Select(static result => result!.AsObject())];
    }

    public async ValueTask DisposeAsync()
    {
        if (_started is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _started.Value).DisposeAsync();
        }
    }

    /// <summary>A folder with the functions of some places.</summary>
    internal static TemporaryFolder Project(string functions)
    {
        var folder = new TemporaryFolder();
        CopyTo(Path.Combine(AppContext.BaseDirectory, "Fixtures/isolation"), folder["probe"]);
        CopyTo(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../Fixtures/DotNetFunction/bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0")), folder["dotnet"]);
        File.SetUnixFileMode(folder["probe/bootstrap"], (UnixFileMode)0b111_101_101);
        return folder.Write("serverless.yml", "service: isolation\nprovider: { name: aws, timeout: 30 }\nfunctions:\n" + functions);
    }

    /// <summary>Waits until each of the kinds of stems is parked that functions can be made of.</summary>
    internal static Task StemsAsync(MayflyServer server, int kinds) => Until.TrueAsync(
        async () => JsonNode.Parse(await server.Http.GetStringAsync("/_mayfly/api/stems"))!.AsArray().Count(static stem => (int)stem!["parked"]! > 0) >= kinds,
        $"{kinds} kinds of stems to be parked",
        60);

    private static void CopyTo(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private async Task<MayflyServer> StartAsync()
    {
        MayflyServer server;
        try
        {
            server = await StartAsync("none", "egress", "host");
        }
        catch (ShouldAssertException e) when (e.Message.Contains("there are no networks with a way out", StringComparison.Ordinal))
        {
            // The deployment says why, and the probes that need one are skipped with that.
            foreach (var place in Place.All.Where(static place => place.Network == "egress"))
            {
                _missing[place.Name] = e.Message;
            }

            server = await StartAsync("none", "host");
        }

        await StemsAsync(server, Place.All.Where(place => !_missing.ContainsKey(place.Name) && place.Start == "stem").Count());
        return server;
    }

    private static async Task<MayflyServer> StartAsync(params string[] networks)
    {
        var functions = new StringBuilder();
        foreach (var place in Place.All.Where(place => networks.Contains(place.Network)))
        {
            functions.Append(place.ToManifest());
            if (place.Network == "none")
            {
                functions.Append(place.ToManifest("bomb-" + place.Name)).Append(place.ToManifest("spin-" + place.Name, "timeout: 2"));
            }
        }

        foreach (var network in networks)
        {
            functions.Append(new Place("python", "stem", network).ToManifest("neighbour-" + network));
        }

        var folder = Project(functions.ToString());
        try
        {
            return await MayflyServer.UpAsync(folder.Path, new Dictionary<string, string?> { ["HOST_SECRET"] = Secret }, owned: folder);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }
}
