using System.Text.Json.Serialization;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>What becomes of times that came while the server was down.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MissedRuns>))]
public enum MissedRuns
{
    /// <summary>The first of them fires, however many there were.</summary>
    Once,

    /// <summary>They are left out.</summary>
    Skip,

    /// <summary>Each fires that is not older than a day.</summary>
    All,
}
