using System.Text.Json.Serialization;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>What becomes of a time that comes while what the last one made has not ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OverlappingRuns>))]
public enum OverlappingRuns
{
    /// <summary>It fires.</summary>
    Allow,

    /// <summary>It is left out.</summary>
    Skip,
}
