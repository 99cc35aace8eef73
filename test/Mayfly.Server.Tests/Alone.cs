namespace Mayfly.Server.Tests;

/// <summary>
/// Tests that look at the whole process (what it allocates, holds or has open), and so run while no other does: after the
/// rest, one class after the other.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
