using System.Collections.Immutable;

namespace Mayfly.Server.Dialects.Native;

/// <summary>The answer of <c>GET sandboxes</c>.</summary>
/// <param name="Isolation">What keeps functions apart: <c>bubblewrap</c>, or <c>process</c> for nothing.</param>
/// <param name="ControlGroups">What limits them: <c>v1</c>, <c>v2</c> or <c>none</c>.</param>
/// <param name="Missing">What this machine lacks, a line for people each, with the remedy.</param>
public sealed record SandboxesReply(string Isolation, string ControlGroups, ImmutableArray<string> Missing);
