namespace Mayfly.Server.Dialects.Native;

/// <summary>Something of <c>GET schedules</c> that has times: a rule, or a schedule of EventBridge Scheduler.</summary>
public sealed record ScheduleReply
{
    /// <summary>The name; a schedule's with its group before a slash.</summary>
    public required string Name { get; init; }

    /// <summary>The ARN.</summary>
    public required string Arn { get; init; }

    /// <summary>The service that it belongs to.</summary>
    public string? Service { get; init; }

    /// <summary>Its times.</summary>
    public required string Expression { get; init; }

    /// <summary>The zone whose wall clock is meant.</summary>
    public required string Zone { get; init; }

    /// <summary>Whether it does anything.</summary>
    public required bool Enabled { get; init; }

    /// <summary>The ARNs that get its events.</summary>
    public required string[] Targets { get; init; }

    /// <summary>When it fires next, in the offset of its zone; none: never again, or it is disabled.</summary>
    public required DateTimeOffset[] Next { get; init; }
}
