namespace Mayfly.Server.Dialects.Native;

/// <summary>A container image as the admin API shows it.</summary>
/// <param name="Image">Name and tag.</param>
/// <param name="Sha256">Digest of its configuration, hexadecimal.</param>
/// <param name="Size">Bytes of all its files.</param>
/// <param name="Created">When it was added.</param>
public sealed record ImageReply(string Image, string Sha256, long Size, DateTimeOffset Created);
