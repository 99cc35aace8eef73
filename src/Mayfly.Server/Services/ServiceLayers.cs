using System.Collections.Immutable;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Layers;

namespace Mayfly.Server.Services;

/// <summary>Publishes the layers of services, and finds the layers of their functions.</summary>
internal sealed class ServiceLayers(LayerRegistry registry, ServerSettings settings, TimeProvider time)
{
    /// <summary>Makes sure that the newest version of each layer is what the deployment says.</summary>
    /// <param name="deployment">What shall be.</param>
    /// <param name="region">Where.</param>
    /// <param name="before">What the service published earlier.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ServiceException">A layer's content was not uploaded.</exception>
    public async Task<ImmutableArray<ServiceLayer>> PublishAsync(ServiceDeployment deployment, string region, ImmutableArray<ServiceLayer> before, CancellationToken cancellationToken)
    {
        var published = ImmutableArray.CreateBuilder<ServiceLayer>();
        foreach (var wanted in deployment.Layers)
        {
            var code = registry.Packages.Find(wanted.PackageSha256)
                ?? throw new ServiceException("PackageMissing", $"layer '{wanted.Name}': package {wanted.PackageSha256} is not here; upload it first.");
            var known = before.FirstOrDefault(layer => layer.Name == wanted.Name);
            if (known is null || Find(known.Arn) is not { } version || version.Ref.Layer.Region != region || !IsSame(version, wanted, code))
            {
                version = await registry.PublishAsync(new(settings.Account, region, wanted.Name), reference => Make(reference, wanted, code), cancellationToken);
            }

            published.Add(new(wanted.Name, version.Ref.Arn, wanted.Retain));
        }

        return published.ToImmutable();
    }

    /// <summary>Writes ARNs for the service's own layers that a function names, and finds the content of all its layers.</summary>
    /// <exception cref="ServiceException">A layer is not there, or they do not go together.</exception>
    public async Task<(DeployedFunction Function, ImmutableArray<CodePackage> Layers)> ResolveAsync(DeployedFunction function, ImmutableArray<ServiceLayer> own, CancellationToken cancellationToken)
    {
        if (function.Config.Layers.IsDefaultOrEmpty)
        {
            return (function, []);
        }

        var arns = function.Config.Layers.Select(name => own.FirstOrDefault(layer => layer.Name == name)?.Arn ?? name).ToImmutableArray();
        var layers = arns.Select(arn => Find(arn) is { } version && (version.Ref.Layer.Account == settings.Account || version.Permissions.Any(statement => statement.Allows(settings.Account)))
            ? version.Code
            : throw new ServiceException("LayerMissing", $"function '{function.Name}': Layer version {arn} does not exist.")).ToImmutableArray();
        var size = layers.Sum(registry.Packages.UnpackedSizeOf);
        if (registry.Packages.Find(function.PackageSha256) is { } code)
        {
            size += registry.Packages.UnpackedSizeOf(code);
        }

        if (size > CodePackageStore.MaxUnpacked)
        {
            throw new ServiceException("InvalidDeployment", $"function '{function.Name}': its code and layers unpack to {size} bytes; {CodePackageStore.MaxUnpacked} is the most.");
        }

        try
        {
            await registry.StackAsync(layers, cancellationToken);
        }
        catch (CodePackageException e)
        {
            throw new ServiceException("InvalidDeployment", $"function '{function.Name}': {e.Message}");
        }

        return (function with { Config = function.Config with { Layers = arns } }, layers);
    }

    /// <summary>Deletes versions that a service has no use for any more. Functions that still have one keep its content.</summary>
    /// <param name="before">What the service published earlier.</param>
    /// <param name="now">What it publishes now.</param>
    public async Task RetireAsync(ImmutableArray<ServiceLayer> before, ImmutableArray<ServiceLayer> now)
    {
        foreach (var old in before.Where(old => !old.Retain && now.All(layer => layer.Arn != old.Arn)))
        {
            if (LayerVersionRef.TryParse(old.Arn, out LayerVersionRef reference))
            {
                await registry.ChangeAsync(reference, static _ => null, CancellationToken.None);
            }
        }
    }

    private LayerVersion? Find(string arn) => LayerVersionRef.TryParse(arn, out LayerVersionRef reference) ? registry.Find(reference) : null;

    private LayerVersion Make(LayerVersionRef reference, DeployedLayer wanted, CodePackage code) => new()
    {
        Ref = reference,
        Code = code,
        Description = wanted.Description ?? "",
        CompatibleRuntimes = wanted.CompatibleRuntimes,
        CompatibleArchitectures = wanted.CompatibleArchitectures,
        License = wanted.License,
        Created = time.GetUtcNow(),
    };

    private static bool IsSame(LayerVersion version, DeployedLayer wanted, CodePackage code) =>
        version.Code == code && version.Description == (wanted.Description ?? "") && version.License == wanted.License
        && (version.CompatibleRuntimes ?? []).SequenceEqual(wanted.CompatibleRuntimes ?? [])
        && (version.CompatibleArchitectures ?? []).SequenceEqual(wanted.CompatibleArchitectures ?? []);
}
