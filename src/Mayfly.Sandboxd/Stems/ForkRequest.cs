namespace Mayfly.Sandboxd.Stems;

/// <summary>What a zygote is asked to fork; descriptors come with it.</summary>
internal sealed record ForkRequest
{
    /// <summary>Which answer belongs to it.</summary>
    public required int Id { get; init; }

    /// <summary>Whether it is the first process of a new sandbox; else it is the program in one.</summary>
    public required bool Cell { get; init; }

    /// <summary>The user it becomes.</summary>
    public required int Uid { get; init; }

    /// <summary>Whether the sandbox has a user namespace of its own, in which it is that user.</summary>
    public required bool UserNamespace { get; init; }

    /// <summary>Most processes where no control group counts them; <see langword="null"/> where one does.</summary>
    public int? Processes { get; init; }

    /// <summary>Most open files.</summary>
    public required ulong Files { get; init; }

    /// <summary>Size of <c>/tmp</c> in a new sandbox.</summary>
    public long TmpBytes { get; init; }

    /// <summary>Whether a program warms itself up and says so; one that somebody waits for does not.</summary>
    public bool Rehearse { get; init; }

    /// <summary>What each descriptor is, in the order in which they come.</summary>
    public required IReadOnlyList<string> Passed { get; init; }
}
