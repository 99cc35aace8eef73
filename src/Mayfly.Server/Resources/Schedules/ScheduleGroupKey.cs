namespace Mayfly.Server.Resources.Schedules;

/// <summary>The unique name of a group of schedules.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
/// <param name="Name">1 to 64 characters.</param>
public readonly record struct ScheduleGroupKey(string Account, string Region, string Name)
{
    /// <summary>The group that every account has in every region.</summary>
    public const string Default = "default";

    /// <summary>The ARN.</summary>
    public string Arn => $"arn:aws:scheduler:{Region}:{Account}:schedule-group/{Name}";

    /// <summary>Reads the ARN of a group.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string arn, out ScheduleGroupKey key)
    {
        var parts = arn.Split(':', 6);
        var isGroup = parts is ["arn", _, "scheduler", ..] && parts.Length == 6 && parts[5].Split('/') is ["schedule-group", { Length: > 0 }];
        key = isGroup ? new(parts[4], parts[3], parts[5].Split('/')[1]) : default;
        return isGroup;
    }

    /// <inheritdoc />
    public override string ToString() => Arn;
}
