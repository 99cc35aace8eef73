namespace Mayfly.Server.Events;

/// <summary>How failed attempts are treated, where whoever made the event has a say in it.</summary>
public sealed record DeliveryPolicy
{
    /// <summary>How the time between attempts grows, and what is not said here.</summary>
    public BackOffProfile BackOff { get; init; }

    /// <summary>Further attempts after the first; <see langword="null"/>: as many as the profile says.</summary>
    public int? MaximumRetryAttempts { get; init; }

    /// <summary>How long the event may wait; <see langword="null"/>: as long as the profile says.</summary>
    public int? MaximumEventAgeSeconds { get; init; }

    /// <summary>The ARN that gets the event when it could not be delivered.</summary>
    public string? DeadLetterArn { get; init; }
}
