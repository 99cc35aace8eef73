using System.Collections.Immutable;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the <c>AWS::S3::Bucket</c> of <c>resources</c>.</summary>
/// <param name="values">Works out their values.</param>
internal sealed class BucketResources(ResourceValues values)
{
    private readonly List<DeployedBucket> _buckets = [];
    private readonly List<DeployedNotification> _notifications = [];

    /// <summary>The buckets.</summary>
    public IReadOnlyList<DeployedBucket> Buckets => _buckets;

    /// <summary>Who is told of their changes.</summary>
    public IReadOnlyList<DeployedNotification> Notifications => _notifications;

    /// <summary>Reads one.</summary>
    /// <param name="section">Its properties.</param>
    /// <param name="name">Its name.</param>
    public void Read(Section section, string name)
    {
        var (versioning, notification) = (section.Child("VersioningConfiguration"), section.Child("NotificationConfiguration"));
        var cors = section.Child("CorsConfiguration");
        var lifecycle = section.Child("LifecycleConfiguration");
        var notifications = notification is null ? [] : Told(notification, name).ToList();
        _buckets.Add(new()
        {
            Name = name,
            Versioned = versioning is null ? null : values.Text(versioning, "Status") == "Enabled",
            EventBridge = notification?.Child("EventBridgeConfiguration") is { } bridge ? bridge.Flag("EventBridgeEnabled") ?? true : null,
            CorsRules = cors is null ? null : values.Json(cors, "CorsRules"),
            LifecycleRules = lifecycle is null ? null : values.Json(lifecycle, "Rules"),
            Tags = section.Raw("Tags") is null ? null : values.Tags(section),
        });
        _notifications.AddRange(notifications);
    }

    private IEnumerable<DeployedNotification> Told(Section notification, string bucket)
    {
        foreach (var (key, target) in new[] { ("LambdaConfigurations", "Function"), ("QueueConfigurations", "Queue"), ("TopicConfigurations", "Topic") })
        {
            foreach (var rule in values.List(notification, key))
            {
                var (prefix, suffix) = (default(string), default(string));
                foreach (var filter in rule.Child("Filter")?.Child("S3Key") is { } s3Key ? values.List(s3Key, "Rules") : [])
                {
                    var value = values.Required(filter, "Value");
                    (prefix, suffix) = values.Required(filter, "Name").ToUpperInvariant() switch
                    {
                        "PREFIX" => (value, suffix),
                        "SUFFIX" => (prefix, value),
                        _ => throw filter.Error("Name", "must be prefix or suffix."),
                    };
                }

                var (function, arn) = values.Target(values.Required(rule, target));
                yield return new() { Bucket = bucket, Function = function, Target = arn, Events = [UploadReader.Checked(rule, "Event", values.Required(rule, "Event"))], Prefix = prefix, Suffix = suffix };
            }
        }
    }
}
