namespace Mayfly.Server.Resources.Schedules;

/// <summary>The unique name of a schedule.</summary>
/// <param name="Group">The group that it is in.</param>
/// <param name="Name">1 to 64 characters.</param>
public readonly record struct ScheduleKey(ScheduleGroupKey Group, string Name)
{
    /// <summary>The ARN.</summary>
    public string Arn => $"arn:aws:scheduler:{Group.Region}:{Group.Account}:schedule/{Group.Name}/{Name}";

    /// <summary>Reads the ARN of a schedule.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string arn, out ScheduleKey key)
    {
        var parts = arn.Split(':', 6);
        var names = parts.Length == 6 ? parts[5].Split('/') : [];
        var isSchedule = parts is ["arn", _, "scheduler", ..] && names is ["schedule", _, _];
        key = isSchedule ? new(new(parts[4], parts[3], names[1]), names[2]) : default;
        return isSchedule;
    }

    /// <inheritdoc />
    public override string ToString() => Arn;
}
