using System.Text.Json;
using Mayfly.Client;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Services;

namespace Mayfly.Deploying;

/// <summary>Brings the layers of a service onto the server, each under the hash of its content, before the functions that have them.</summary>
/// <param name="client">The server.</param>
/// <param name="pack">How a layer is packed.</param>
public sealed class ServiceLayersUpload(AdminClient client, LayerPacker pack)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DeployedLayer> _good = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _problems = new(StringComparer.Ordinal);

    /// <summary>The layers that a manifest has and that are on the server, in its order.</summary>
    public IEnumerable<DeployedLayer> Of(ServiceManifest manifest)
    {
        lock (_gate)
        {
            return [.. manifest.Layers.Where(layer => _good.ContainsKey(layer.Name)).Select(layer => _good[layer.Name])];
        }
    }

    /// <summary>Why a function cannot have one of its layers; <see langword="null"/> when it can have all.</summary>
    public string? ProblemOf(IEnumerable<string> layers)
    {
        lock (_gate)
        {
            return layers.Where(_problems.ContainsKey).Select(name => $"layer '{name}': {_problems[name]}").FirstOrDefault();
        }
    }

    /// <summary>Whether a layer must be packed because it never was.</summary>
    public bool IsMissing(LayerDefinition layer)
    {
        lock (_gate)
        {
            return !_good.ContainsKey(layer.Name);
        }
    }

    /// <summary>Packs and uploads layers.</summary>
    /// <param name="layers">Which.</param>
    /// <param name="ready">Completes when the server answers.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The names of those that differ from before.</returns>
    public async Task<HashSet<string>> UploadAsync(IReadOnlyList<LayerDefinition> layers, Task ready, CancellationToken cancellationToken)
    {
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            var problem = await UploadAsync(layer, changed, ready, cancellationToken);
            lock (_gate)
            {
                if (problem is null)
                {
                    _problems.Remove(layer.Name);
                }
                else
                {
                    _problems[layer.Name] = problem;
                }
            }
        }

        return changed;
    }

    private async Task<string?> UploadAsync(LayerDefinition layer, HashSet<string> changed, Task ready, CancellationToken cancellationToken)
    {
        try
        {
            var packed = await pack(layer, cancellationToken);
            if (packed is not { ZipFile: { } zip, Sha256: { } sha })
            {
                return packed.Problem;
            }

            await ready.WaitAsync(cancellationToken);
            await client.PutPackageAsync(sha, zip, cancellationToken);
            var next = new DeployedLayer
            {
                Name = layer.Name,
                PackageSha256 = sha,
                Description = layer.Description,
                CompatibleRuntimes = layer.CompatibleRuntimes is { } runtimes ? [.. runtimes] : null,
                CompatibleArchitectures = layer.CompatibleArchitectures is { } architectures ? [.. architectures] : null,
                License = layer.License,
                Retain = layer.Retain,
            };
            lock (_gate)
            {
                if (!_good.TryGetValue(layer.Name, out var known) || Text(known) != Text(next))
                {
                    _good[layer.Name] = next;
                    changed.Add(layer.Name);
                }
            }

            return null;
        }
        catch (Exception e) when (e is RefusedException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static string Text(DeployedLayer layer) => JsonSerializer.Serialize(layer, NativeJson.Default.DeployedLayer);
}
