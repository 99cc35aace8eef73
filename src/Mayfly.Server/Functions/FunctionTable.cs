using System.Collections.Immutable;

namespace Mayfly.Server.Functions;

/// <summary>
/// The immutable snapshot of what is deployed. Readers take <see cref="Current"/> without a lock;
/// writers publish a whole new snapshot after the store has it.
/// </summary>
public sealed class FunctionTable
{
    private volatile FunctionSnapshot _current = FunctionSnapshot.Empty;

    /// <summary>Raised after a new snapshot was published, with the old one and the new one.</summary>
    public event Action<FunctionSnapshot, FunctionSnapshot>? Changed;

    /// <summary>The newest snapshot.</summary>
    public FunctionSnapshot Current => _current;

    /// <summary>Publishes a snapshot. Called by <see cref="FunctionRegistry"/> alone, one call at a time.</summary>
    internal void Publish(FunctionSnapshot snapshot)
    {
        var old = _current;
        _current = snapshot;
        Changed?.Invoke(old, snapshot);
    }

    /// <summary>Finds what a reference means now. An alias with weights is decided by chance.</summary>
    /// <returns><see langword="null"/> when the function or its qualifier does not exist.</returns>
    public FunctionTarget? Resolve(in FunctionRef reference) =>
        _current.Functions.TryGetValue(reference.Key, out var function)
        && function.Resolve(reference.Qualifier, reference.Qualifier is null ? 0 : Random.Shared.NextDouble()) is { } revision
            ? new(function, revision)
            : null;
}
