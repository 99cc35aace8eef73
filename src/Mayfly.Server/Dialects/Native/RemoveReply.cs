using System.Collections.Immutable;

namespace Mayfly.Server.Dialects.Native;

/// <summary>The answer of <c>DELETE services/{name}</c> and <c>DELETE functions/{name}</c>.</summary>
/// <param name="Functions">Names of the functions that were removed.</param>
public sealed record RemoveReply(ImmutableArray<string> Functions);
