using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mayfly.Server.Resources.Objects.Notifications;

/// <summary>Who is told of changes of a bucket's objects.</summary>
public sealed record NotificationSettings
{
    /// <summary>Nobody.</summary>
    public static NotificationSettings None { get; } = new();

    /// <summary>Functions, queues and topics. No two that the API set are told of the same change.</summary>
    public ImmutableArray<NotificationRule> Rules { get; init; } = [];

    /// <summary>Whether the default event bus of account and region is told of every change.</summary>
    public bool EventBridge { get; init; }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static NotificationSettings Parse(string json) => JsonSerializer.Deserialize(json, NotificationsJson.Default.NotificationSettings) ?? None;

    /// <summary>Writes it for the store.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, NotificationsJson.Default.NotificationSettings);
}

/// <summary>How settings are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NotificationSettings))]
internal sealed partial class NotificationsJson : JsonSerializerContext;
