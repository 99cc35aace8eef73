using Mayfly.Server.Extensions;

namespace Mayfly.Server.Invocation;

/// <summary>How the initialisation of an instance ended.</summary>
/// <param name="Error">The error object that the program reported; <see langword="null"/> when it reported none.</param>
public sealed record InitOutcome(ReadOnlyMemory<byte>? Error)
{
    /// <summary>Whether the sandbox ended before the program parked or reported.</summary>
    public bool Exited { get; init; }

    /// <summary>The extension that failed; <see langword="null"/> when none did.</summary>
    public ExtensionFailure? Failure { get; init; }

    /// <summary>Why a template cannot be forked; empty when it can, and <see langword="null"/> for what is no template.</summary>
    public string? TemplateRefusal { get; init; }

    /// <summary>Whether an instance can be used.</summary>
    public bool Ready => Error is null && Failure is null && !Exited;
}
