namespace Mayfly.Server.Resources.Schedules;

/// <summary>Tags of a group that say of its schedules what EventBridge Scheduler has no words for.</summary>
public static class ScheduleTags
{
    /// <summary><c>once</c>, <c>skip</c> or <c>all</c>: see <see cref="MissedRuns"/>.</summary>
    public const string Missed = "mayfly:missed";

    /// <summary><c>allow</c> or <c>skip</c>: see <see cref="OverlappingRuns"/>.</summary>
    public const string Overlap = "mayfly:overlap";

    /// <summary>Why a tag cannot be.</summary>
    /// <returns><see langword="null"/>: it can.</returns>
    public static string? Refusal(string key, string value) => key switch
    {
        Missed when !Enum.TryParse<MissedRuns>(value, ignoreCase: true, out _) => $"The tag {Missed} is once, skip or all, not {value}.",
        Overlap when !Enum.TryParse<OverlappingRuns>(value, ignoreCase: true, out _) => $"The tag {Overlap} is allow or skip, not {value}.",
        _ => null,
    };
}
