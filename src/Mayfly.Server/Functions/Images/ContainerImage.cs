namespace Mayfly.Server.Functions.Images;

/// <summary>A container image that was added: its unpacked file system is one of the code trees.</summary>
/// <param name="Reference">By what functions name it.</param>
/// <param name="Tree">Its tree: the digest of the image's configuration, which names every layer by digest, and the bytes of all files.</param>
/// <param name="Defaults">What it says about its start.</param>
/// <param name="Created">When it was added.</param>
public sealed record ContainerImage(ImageReference Reference, CodePackage Tree, ImageDefaults Defaults, DateTimeOffset Created);
