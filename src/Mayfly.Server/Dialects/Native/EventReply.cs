namespace Mayfly.Server.Dialects.Native;

/// <summary>An event of <c>GET events</c>, and with its payload of <c>GET events/{id}</c>.</summary>
public sealed record EventReply
{
    /// <summary>The number that the admin API names it by.</summary>
    public required long Id { get; init; }

    /// <summary>The request that it was accepted with; every attempt has this id.</summary>
    public required string RequestId { get; init; }

    /// <summary>The ARN of who handles it, with the qualifier that it was sent to.</summary>
    public required string Target { get; init; }

    /// <summary><c>waiting</c>, <c>paused</c>, <c>running</c> or <c>dead</c>.</summary>
    public required string State { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset Accepted { get; init; }

    /// <summary>When it is tried next, or when it ended.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>The server's time, by which these are to be read.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>How often it was tried: with functions, how often the function has run for it.</summary>
    public required int Attempts { get; init; }

    /// <summary>How often the function could not run, since it ran last.</summary>
    public required int Refusals { get; init; }

    /// <summary>How it ended.</summary>
    public string? Condition { get; init; }

    /// <summary>Why it is kept; of one that waits, how the last attempt failed.</summary>
    public string? Reason { get; init; }

    /// <summary>What goes beside the payload of a dead letter.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>What the target gets, where that is text.</summary>
    public string? Payload { get; init; }

    /// <summary>What the target gets, where that is no text, in Base64.</summary>
    public string? PayloadBase64 { get; init; }
}
