namespace Mayfly.Sandboxd;

/// <summary>What sandboxd is started with.</summary>
/// <param name="StateFolder">The <c>.mayfly</c> folder, absolute.</param>
/// <param name="ServerUid">The only user who may connect; <see langword="null"/> for the user that sandboxd runs as.</param>
public sealed record SandboxdOptions(string StateFolder, uint? ServerUid = null);
