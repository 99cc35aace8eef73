namespace Mayfly.Server.Dialects.Native;

/// <summary>One element of the answer of <c>GET stems</c>.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Parked">How many are parked.</param>
/// <param name="Wanted">How many shall be.</param>
/// <param name="Starting">How many are being made.</param>
/// <param name="Failure">Why the last one could not be made; absent when it could.</param>
public sealed record StemReply(string Name, int Parked, int Wanted, int Starting, string? Failure);
