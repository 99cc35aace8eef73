using Mayfly.Server.Storage;

namespace Mayfly.Server.Functions;

/// <summary>What becomes true together, or not at all.</summary>
public sealed record FunctionChanges
{
    /// <summary>Functions to put in place or replace.</summary>
    public IReadOnlyCollection<Function> Put { get; init; } = [];

    /// <summary>Functions to remove.</summary>
    public IReadOnlyCollection<FunctionKey> Remove { get; init; } = [];

    /// <summary>Other rows to write in the same transaction, for example the service's record. Runs on the store's writer thread.</summary>
    public Action<SqlSession>? Also { get; init; }
}
