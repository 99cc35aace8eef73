namespace Mayfly.Server.Events;

/// <summary>How failed attempts are treated, where whoever made the event has a say in it.</summary>
public sealed record DeliveryPolicy
{
    /// <summary>Most further attempts that EventBridge and its Scheduler take.</summary>
    public const int MostRetries = 185;

    /// <summary>The shortest age, in seconds, that they take.</summary>
    public const int LeastAgeSeconds = 60;

    /// <summary>The longest age, in seconds, that they take.</summary>
    public const int MostAgeSeconds = 86_400;

    /// <summary>How the time between attempts grows, and what is not said here.</summary>
    public BackOffProfile BackOff { get; init; }

    /// <summary>Further attempts after the first; <see langword="null"/>: as many as the profile says.</summary>
    public int? MaximumRetryAttempts { get; init; }

    /// <summary>How long the event may wait; <see langword="null"/>: as long as the profile says.</summary>
    public int? MaximumEventAgeSeconds { get; init; }

    /// <summary>The ARN that gets the event when it could not be delivered.</summary>
    public string? DeadLetterArn { get; init; }

    /// <summary>With <see cref="BackOffProfile.SnsHttp"/>: when it is tried again; <see langword="null"/>: as SNS does by itself.</summary>
    public HttpRetries? HttpRetries { get; init; }

    /// <summary>A policy of EventBridge or its Scheduler.</summary>
    /// <param name="retries">Further attempts; <see langword="null"/>: 185.</param>
    /// <param name="ageSeconds">How long the event may wait; <see langword="null"/>: a day.</param>
    /// <param name="deadLetterArn">What gets the event when it could not be delivered.</param>
    public static DeliveryPolicy OfEventBridge(int? retries = null, int? ageSeconds = null, string? deadLetterArn = null) =>
        new() { BackOff = BackOffProfile.EventBridge, MaximumRetryAttempts = retries, MaximumEventAgeSeconds = ageSeconds, DeadLetterArn = deadLetterArn };
}
