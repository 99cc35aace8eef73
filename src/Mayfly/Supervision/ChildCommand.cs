namespace Mayfly.Supervision;

/// <summary>How a child is started.</summary>
/// <param name="Words">Program and arguments.</param>
/// <param name="Environment">What is added to the caller's environment.</param>
/// <param name="Folder">The working folder.</param>
public sealed record ChildCommand(IReadOnlyList<string> Words, IReadOnlyDictionary<string, string> Environment, string Folder)
{
    /// <summary>Whether the first process is only bubblewrap's watcher and the program is its child.</summary>
    public bool Wrapped { get; init; }

    /// <summary>Whether others must be let through the state folder for the child to reach the store.</summary>
    public bool OpensState { get; init; }

    /// <summary>Whether it runs with the server's own uid.</summary>
    public bool OwnUser { get; init; }

    /// <summary>What the user must know about the rights that it runs with.</summary>
    public string? Notice { get; init; }
}
