namespace Mayfly.Server.Invocation;

/// <summary>A leased slot, or why there is none.</summary>
/// <param name="Slot">The slot; the one who gets it must settle it.</param>
/// <param name="Error">Set when there is no slot.</param>
public sealed record LeaseOutcome(Slot? Slot, InvocationError? Error)
{
    /// <summary>The error object to return when the function's own initialisation failed.</summary>
    public ReadOnlyMemory<byte> ErrorPayload { get; init; }

    /// <summary>The instance that did not initialise, for what there is to log about it.</summary>
    internal Instance? Failed { get; init; }

    /// <summary>How long it tried.</summary>
    internal TimeSpan Took { get; init; }
}
