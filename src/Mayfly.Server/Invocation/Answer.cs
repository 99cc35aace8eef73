namespace Mayfly.Server.Invocation;

/// <summary>What came back from an instance.</summary>
/// <param name="Kind">How the exchange ended.</param>
/// <param name="Payload">The result or the error object; empty for the other kinds.</param>
public readonly record struct Answer(AnswerKind Kind, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The type of an error, when the program named one beside the error object.</summary>
    public string? ErrorType { get; init; }
}
