using Mayfly.Building;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Services;
using Mayfly.Settings;
using Mayfly.Supervision;

namespace Mayfly.Deploying;

/// <summary>A folder with a service: how its manifest is read and its functions are built.</summary>
/// <param name="folder">The folder, absolute.</param>
/// <param name="state">Where builds are staged.</param>
/// <param name="catalog">The runtimes of this machine.</param>
/// <param name="settings">The settings.</param>
/// <param name="output">Receives what build tools print: the function's key and a line.</param>
public sealed class Project(string folder, StateFolder state, RuntimeCatalog catalog, MayflySettings settings, Action<string, string> output)
{
    private readonly CodeBuilder _builder = new(catalog);

    /// <summary>Reads the manifest; without one the folder's only handler is the only function.</summary>
    /// <exception cref="ManifestException">There is nothing to deploy, or the manifest cannot be used.</exception>
    public ServiceManifest Read()
    {
        var options = new ManifestOptions
        {
            Stage = settings.ChosenStage,
            Region = settings.ChosenRegion,
            AccountId = settings.Account,
            KnownRuntimes = catalog.Names,
        };
        return ManifestReader.TryFind(folder) is null
            ? FolderDiscovery.Read(folder, options, HandlerFinder.Find(folder, catalog.Definitions))
            : ManifestReader.Read(folder, options);
    }

    /// <summary>Builds and packs one function with the caller's rights.</summary>
    public async Task<FunctionBuild> BuildAsync(FunctionDefinition function, CancellationToken cancellationToken)
    {
        // 1. Can it run here at all?
        if (!catalog.TryPlan(function.Config, out var plan, out var missing))
        {
            return new(function) { Problem = missing };
        }

        // 2. A ready zip file is deployed as it is.
        var none = new FunctionBuild(function);
        if (function.Artifact is { } artifact)
        {
            return File.Exists(artifact)
                ? none with { ZipFile = artifact, Sha256 = await HashAsync(artifact, cancellationToken), Notice = plan.Notice }
                : none with { Problem = $"the package {artifact} does not exist" };
        }

        // 3. Build.
        var staging = Path.Combine(state.Build, function.Name);
        var outcome = await _builder.BuildAsync(function, catalog.Find(function.Config.Runtime)!, staging, line => output(function.Key, line), cancellationToken);
        if (outcome.Missing is { } tool)
        {
            return none with { Problem = $"{tool.Tool} is needed to build it and is not installed; the package {tool.Package} brings it" };
        }

        if (outcome.Failure is { } failure)
        {
            return none with { Problem = $"'{failure.Command}' ended with status {failure.ExitCode}", Output = string.Join('\n', failure.Output) };
        }

        // 4. Pack.
        var (zip, sha) = await PackAsync(outcome.Layers, function.PackagePatterns, staging, cancellationToken);
        return none with { ZipFile = zip, Sha256 = sha, Notice = plan.Notice };
    }

    /// <summary>Packs a layer's folder, or takes its ready zip file.</summary>
    public async Task<LayerBuild> PackLayerAsync(LayerDefinition layer, CancellationToken cancellationToken)
    {
        if (layer.Artifact is { } artifact)
        {
            return File.Exists(artifact)
                ? new(layer) { ZipFile = artifact, Sha256 = await HashAsync(artifact, cancellationToken) }
                : new(layer) { Problem = $"the package {artifact} does not exist" };
        }

        var (zip, sha) = await PackAsync([new PackageLayer(layer.Folder, Filtered: true)], layer.PackagePatterns, Path.Combine(state.Build, "layers", layer.Name), cancellationToken);
        return new(layer) { ZipFile = zip, Sha256 = sha };
    }

    // A zip file that is being uploaded is not written over.
    private static async Task<(string ZipFile, string Sha256)> PackAsync(IEnumerable<PackageLayer> layers, IEnumerable<string> patterns, string staging, CancellationToken cancellationToken)
    {
        var zip = Path.Combine(staging, $"package-{Guid.NewGuid():N}.zip");
        try
        {
            var sha = await PackageWriter.WriteAsync(layers, patterns, zip, cancellationToken);
            var kept = Path.Combine(staging, sha + ".zip");
            foreach (var old in Directory.EnumerateFiles(staging, "*.zip").Where(file => file != kept && file != zip))
            {
                File.Delete(old);
            }

            File.Move(zip, kept, overwrite: true);
            return (kept, sha);
        }
        finally
        {
            File.Delete(zip);
        }
    }

    private static async Task<string> HashAsync(string file, CancellationToken cancellationToken)
    {
        var stream = File.OpenRead(file);
        await using var closing = stream;
        return Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(stream, cancellationToken));
    }
}
