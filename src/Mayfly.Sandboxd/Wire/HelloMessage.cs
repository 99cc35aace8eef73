namespace Mayfly.Sandboxd.Wire;

/// <summary>The first message of sandboxd: which walls stand on this machine.</summary>
/// <param name="Isolation">The kind of sandbox: <c>bubblewrap</c> or <c>process</c>.</param>
/// <param name="Cgroup">Which version limits them: <c>v1</c>, <c>v2</c> or <c>none</c>.</param>
/// <param name="Missing">What this machine lacks, a line for people each, with the remedy.</param>
/// <param name="EgressMissing">Why no sandbox can have a network with a way out, with the remedy; <see langword="null"/> when they can.</param>
public sealed record HelloMessage(string Isolation, string Cgroup, IReadOnlyList<string> Missing, string? EgressMissing = null) : SandboxdMessage;
