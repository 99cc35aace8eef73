namespace Mayfly.Server.Functions;

/// <summary>What becomes of asynchronous invocations: the event invoke configuration of the Lambda API.</summary>
public sealed record AsyncSettings
{
    /// <summary>Further attempts after a function error, 0 to 2; <see langword="null"/> means 2.</summary>
    public int? MaximumRetryAttempts { get; init; }

    /// <summary>How long an event may wait, 60 to 21,600 seconds; <see langword="null"/> means the most.</summary>
    public int? MaximumEventAgeSeconds { get; init; }

    /// <summary>The ARN that gets a record of each success.</summary>
    public string? OnSuccess { get; init; }

    /// <summary>The ARN that gets a record of each event that failed for good.</summary>
    public string? OnFailure { get; init; }

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset LastModified { get; init; }
}
