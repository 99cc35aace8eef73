using System.Collections.Immutable;

namespace Mayfly.Server.Runtimes;

/// <summary>How a handler looks in a language's files.</summary>
public sealed record HandlerPattern
{
    /// <summary>File name patterns, the most likely first.</summary>
    public required ImmutableArray<string> Files { get; init; }

    /// <summary>Regular expression, <c>^</c> being the start of a line.</summary>
    public required string Pattern { get; init; }

    /// <summary>The handler, made from <c>{stem}</c> (the file name without its extension) and the named groups.</summary>
    public required string Handler { get; init; }

    /// <summary>The runtime name to deploy it with.</summary>
    public required string Runtime { get; init; }
}
