using System.Collections.Immutable;
using System.Globalization;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Layers;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>What the Lambda API demands of a function's layers, worded as it words it.</summary>
internal sealed class LayerChecks(LayerRegistry registry)
{
    private const int MaxLayers = 5;

    /// <summary>Finds the content of a function's layers and makes the tree that shows them together.</summary>
    /// <param name="arns">Layer versions, lowest first.</param>
    /// <param name="function">The function that shall have them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ImmutableArray<CodePackage>> ResolveAsync(ImmutableArray<string> arns, FunctionKey function, CancellationToken cancellationToken)
    {
        if (arns.Length > MaxLayers)
        {
            throw LambdaException.InvalidParameter($"Cannot reference more than {MaxLayers} layers.");
        }

        var references = arns.Select(arn => LayerVersionRef.TryParse(arn, out LayerVersionRef reference)
            ? reference
            : throw LambdaException.InvalidParameter($"Layer version {arn} does not exist.")).ToList();
        var layers = ImmutableArray.CreateBuilder<CodePackage>();
        for (var i = 0; i < references.Count; i++)
        {
            layers.Add(Find(references[i], function).Code);
            var other = references.FindIndex(reference => reference.Layer == references[i].Layer);
            if (other < i)
            {
                throw LambdaException.InvalidParameter($"Two different versions of the same layer are not allowed to be referenced in the same function. {references[other].Arn} and {references[i].Arn} are versions of the same layer.");
            }
        }

        var found = layers.ToImmutable();
        if (found.Sum(registry.Packages.UnpackedSizeOf) > CodePackageStore.MaxUnpacked)
        {
            throw LambdaException.InvalidParameter(string.Create(CultureInfo.InvariantCulture, $"Layers consume more than the available size of {CodePackageStore.MaxUnpacked} bytes"));
        }

        try
        {
            await registry.StackAsync(found, cancellationToken);
        }
        catch (CodePackageException e)
        {
            throw LambdaException.InvalidParameter(e.Message);
        }

        return found;
    }

    /// <summary>A function's code and its layers have one limit together.</summary>
    public void CheckSize(CodePackage code, ImmutableArray<CodePackage> layers)
    {
        if (layers.IsEmpty)
        {
            return;
        }

        var size = registry.Packages.UnpackedSizeOf(code) + layers.Sum(registry.Packages.UnpackedSizeOf);
        if (size > CodePackageStore.MaxUnpacked)
        {
            throw LambdaException.InvalidParameter(string.Create(CultureInfo.InvariantCulture, $"Function code combined with layers exceeds the maximum allowed size of {CodePackageStore.MaxUnpacked} bytes. The actual size is {size} bytes."));
        }
    }

    private LayerVersion Find(LayerVersionRef reference, FunctionKey function)
    {
        var version = registry.Find(reference);
        if (reference.Layer.Account != function.Account)
        {
            return version?.IsOpenTo(function.Account) == true && reference.Layer.Region == function.Region
                ? version
                : throw LayerAnswers.NotAllowed(function.Account, reference.Arn);
        }

        if (reference.Layer.Region != function.Region)
        {
            throw LambdaException.InvalidParameter($"Layers are not in the same region as the function. Layers are expected to be in region {function.Region}.");
        }

        return version ?? throw LambdaException.InvalidParameter($"Layer version {reference.Arn} does not exist.");
    }
}
