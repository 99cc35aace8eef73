using System.Collections.Immutable;

namespace Mayfly.Server.Runtimes;

/// <summary>What a program said of itself, kept so that it is not asked again while it does not change.</summary>
/// <param name="Path">The program that was asked, absolute.</param>
/// <param name="Modified">Its modification time in ticks.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Question">Hash of how it was asked: another question asks again.</param>
/// <param name="Found">The interpreters it named; empty when it failed.</param>
internal sealed record ProbeResult(string Path, long Modified, long Size, string Question, ImmutableArray<Interpreter> Found);
