namespace Mayfly.Server.Functions.Images;

/// <summary>An image as its archive describes it.</summary>
/// <param name="Sha256">Digest of its configuration.</param>
/// <param name="Defaults">What it says about its start.</param>
/// <param name="Layers">Its layers, lowest first.</param>
internal sealed record ImageContent(string Sha256, ImageDefaults Defaults, IReadOnlyList<ImageLayer> Layers);
