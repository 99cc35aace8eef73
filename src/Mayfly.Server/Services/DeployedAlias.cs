namespace Mayfly.Server.Services;

/// <summary>The alias that a deployment puts on the version which it publishes of a function.</summary>
/// <param name="Name">1 to 128 letters, digits, <c>-</c> and <c>_</c>; not digits alone.</param>
/// <param name="Provisioned">Instances to keep started for it; <see langword="null"/> for none.</param>
public sealed record DeployedAlias(string Name, int? Provisioned);
