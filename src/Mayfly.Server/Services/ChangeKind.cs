using System.Text.Json.Serialization;

namespace Mayfly.Server.Services;

/// <summary>What a deployment did to a function.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangeKind>))]
public enum ChangeKind
{
    /// <summary>It is new.</summary>
    Created,

    /// <summary>Its code, settings or URL are other than before.</summary>
    Updated,

    /// <summary>It is as it was; its instances go on.</summary>
    Unchanged,

    /// <summary>It is no longer part of the service and was removed.</summary>
    Removed,
}
