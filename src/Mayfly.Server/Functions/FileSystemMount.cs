namespace Mayfly.Server.Functions;

/// <summary>A network file system of a function.</summary>
/// <param name="Arn">The access point.</param>
/// <param name="LocalMountPath">Where it would be seen, below <c>/mnt/</c>.</param>
public sealed record FileSystemMount(string Arn, string LocalMountPath);
