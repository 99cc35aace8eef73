namespace Mayfly.Server.Dialects.Native;

/// <summary>The answer of <c>PUT packages/{sha256}</c>.</summary>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Size">Size of the zip in bytes.</param>
public sealed record PackageReply(string Sha256, long Size);
