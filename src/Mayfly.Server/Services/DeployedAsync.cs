namespace Mayfly.Server.Services;

/// <summary>What a deployment says of a function's asynchronous invocations. A destination is an ARN, or the deployed name of a function, <c>shop-dev-audit</c> or <c>shop-dev-audit:live</c>.</summary>
public sealed record DeployedAsync
{
    /// <summary>Further attempts after a function error, 0 to 2; <see langword="null"/> means 2.</summary>
    public int? MaximumRetryAttempts { get; init; }

    /// <summary>How long an event may wait, 60 to 21,600 seconds; <see langword="null"/> means the most.</summary>
    public int? MaximumEventAgeSeconds { get; init; }

    /// <summary>What gets a record of each success.</summary>
    public string? OnSuccess { get; init; }

    /// <summary>What gets a record of each event that failed for good.</summary>
    public string? OnFailure { get; init; }
}
