using System.Text.RegularExpressions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the events <c>s3</c> of functions.</summary>
/// <param name="values">Works out CloudFormation functions.</param>
/// <param name="configured">The <c>provider.s3</c> map, by whose keys events may name buckets; <see langword="null"/> without one.</param>
internal sealed partial class UploadReader(ResourceValues values, Section? configured)
{
    private const string Default = "s3:ObjectCreated:*";

    private readonly List<DeployedBucket> _buckets = [];
    private readonly List<DeployedNotification> _notifications = [];

    /// <summary>The buckets that events name.</summary>
    public IReadOnlyList<DeployedBucket> Buckets => _buckets;

    /// <summary>Who is told of their changes.</summary>
    public IReadOnlyList<DeployedNotification> Notifications => _notifications;

    /// <summary>Reads one event: a bucket's name, or a map.</summary>
    public void Read(Position at, Node value, string owner, string function)
    {
        if (values.Reading.Resolver.Expand(value) is ScalarNode)
        {
            var name = values.Reading.Resolver.Resolve(value) is ScalarNode { IsNull: false } text ? text.Text : throw at.Error($"{owner}: must be the name of a bucket.");
            Add(at, owner, Known(name), existing: false, new() { Bucket = Known(name).Name, Function = function, Events = [Default] });
            return;
        }

        var section = Section.Of(values.Reading, value, owner, at);
        section.Check(KnownKeys.S3Event);
        var (prefix, suffix) = (default(string), default(string));
        foreach (var rule in values.List(section, "rules"))
        {
            rule.Check(KnownKeys.S3Rule);
            (prefix, suffix) = (values.Text(rule, "prefix") ?? prefix, values.Text(rule, "suffix") ?? suffix);
        }

        var bucket = Known(values.Required(section, "bucket"));
        Add(section.PlaceOf("bucket"), section.Name("bucket"), bucket, section.Flag("existing") == true, new()
        {
            Bucket = bucket.Name,
            Function = function,
            Events = [values.Text(section, "event") is { } wanted ? Checked(section, "event", wanted) : Default],
            Prefix = prefix,
            Suffix = suffix,
        });
    }

    /// <summary>A kind of change, which must be one of S3's.</summary>
    public static string Checked(Section section, string key, string text) =>
        Kind().IsMatch(text) ? text : throw section.Error(key, $"\"{text}\" is no kind of change such as s3:ObjectCreated:* or s3:ObjectRemoved:Delete.");

    // A bucket that provider.s3 describes, by its key there, else one that has that name.
    private DeployedBucket Known(string name)
    {
        if (configured?.Raw(name) is null || configured.Child(name) is not { } settings)
        {
            return new() { Name = name };
        }

        settings.Check(KnownKeys.S3Bucket);
        var (versioning, notification) = (settings.Child("versioningConfiguration"), settings.Child("notificationConfiguration")?.Child("eventBridgeConfiguration"));
        var cors = settings.Child("corsConfiguration");
        var lifecycle = settings.Child("lifecycleConfiguration");
        return new()
        {
            Name = values.Text(settings, "name") ?? name,
            Versioned = versioning is null ? null : values.Text(versioning, "Status") == "Enabled",
            EventBridge = notification?.Flag("eventBridgeEnabled"),
            CorsRules = cors is null ? null : values.Json(cors, "CorsRules"),
            LifecycleRules = lifecycle is null ? null : values.Json(lifecycle, "Rules"),
        };
    }

    private void Add(Position at, string owner, DeployedBucket bucket, bool existing, DeployedNotification notification)
    {
        if (!BucketName().IsMatch(bucket.Name))
        {
            throw at.Error($"{owner}: \"{bucket.Name}\" is no name of a bucket: 3 to 255 letters, digits and . - _ only.");
        }

        _buckets.Add(bucket with { Existing = existing });
        _notifications.Add(notification);
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{3,255}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BucketName();

    [GeneratedRegex(@"^s3:(ObjectCreated:(\*|Put|Post|Copy|CompleteMultipartUpload)|ObjectRemoved:(\*|Delete|DeleteMarkerCreated)|ObjectTagging:(\*|Put|Delete)|ObjectAcl:Put|LifecycleExpiration:(\*|Delete|DeleteMarkerCreated)|LifecycleTransition|ObjectRestore:(\*|Post|Completed|Delete)|Replication:[*A-Za-z]+|ReducedRedundancyLostObject|IntelligentTiering)\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Kind();
}
