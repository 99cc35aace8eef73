using Mayfly.Server.Functions;
using Mayfly.Server.Functions.CodeSigning;
using Mayfly.Server.Functions.Images;
using Mayfly.Server.Functions.Layers;
using Mayfly.Server.Resources.Objects;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>What the Lambda API reads and changes.</summary>
/// <param name="Functions">The functions.</param>
/// <param name="Layers">The layers, and with them all code.</param>
/// <param name="CodeSigning">The code signing configurations.</param>
/// <param name="Images">The container images.</param>
/// <param name="Objects">Buckets, which may have code.</param>
/// <param name="Sources">The event source mappings.</param>
public sealed record LambdaStores(FunctionRegistry Functions, LayerRegistry Layers, CodeSigningRegistry CodeSigning, ImageRegistry Images, ObjectStore Objects, LambdaSources Sources)
{
    /// <summary>The code of functions and layers.</summary>
    public CodePackageStore Packages => Layers.Packages;
}
