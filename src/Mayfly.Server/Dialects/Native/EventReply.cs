namespace Mayfly.Server.Dialects.Native;

/// <summary>An event of <c>GET events</c>.</summary>
public sealed record EventReply
{
    /// <summary>The request that it was accepted with; every attempt has this id.</summary>
    public required string RequestId { get; init; }

    /// <summary>The function's ARN, with the qualifier that it was sent to.</summary>
    public required string Function { get; init; }

    /// <summary><c>waiting</c> or <c>dead</c>.</summary>
    public required string State { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset Accepted { get; init; }

    /// <summary>When it is tried next, or when it ended.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>How often the function has run for it.</summary>
    public required int Attempts { get; init; }

    /// <summary>How it ended.</summary>
    public string? Condition { get; init; }

    /// <summary>Why it is kept.</summary>
    public string? Reason { get; init; }
}
