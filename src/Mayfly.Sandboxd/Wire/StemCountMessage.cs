namespace Mayfly.Sandboxd.Wire;

/// <summary>The number of parked stems of a kind has changed.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Parked">How many are parked.</param>
/// <param name="Starting">How many are being made.</param>
/// <param name="Failure">Why the last one could not be made; <see langword="null"/> when it could.</param>
public sealed record StemCountMessage(string Name, int Parked, int Starting, string? Failure) : SandboxdMessage;
