using System.Collections.Immutable;
using System.Xml.Linq;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Objects.Notifications;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>Who is told of changes of a bucket's objects.</summary>
/// <param name="parts">What the door works with.</param>
internal sealed class NotificationResource(S3Parts parts)
{
    private const string Root = "NotificationConfiguration";
    private const int MaxId = 255;

    // Element of the configuration, of its target, the target's service in ARNs, and its name in messages.
    private static readonly (string Element, string Target, string Service, string Noun)[] Kinds =
    [
        ("TopicConfiguration", "Topic", "sns", "topic"),
        ("QueueConfiguration", "Queue", "sqs", "queue"),
        ("CloudFunctionConfiguration", "CloudFunction", "lambda", "function"),
    ];

    private static readonly string[] Known =
    [
        "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy", "s3:ObjectCreated:CompleteMultipartUpload",
        "s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated",
        "s3:ObjectTagging:*", "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete", "s3:ObjectAcl:Put",
        "s3:LifecycleExpiration:*", "s3:LifecycleExpiration:Delete", "s3:LifecycleExpiration:DeleteMarkerCreated",
        "s3:LifecycleTransition", "s3:IntelligentTiering", "s3:ReducedRedundancyLostObject",
        "s3:ObjectRestore:*", "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete",
        "s3:Replication:*", "s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked",
        "s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold",
    ];

    /// <summary>GetBucketNotificationConfiguration.</summary>
    public Task GetAsync(S3Call call)
    {
        var settings = parts.Buckets.Current.Get(call.Bucket).Notifications;
        return call.AnswerAsync(new XElement(Root, settings.Rules.Select(Write), settings.EventBridge ? new XElement("EventBridgeConfiguration") : null));
    }

    /// <summary>PutBucketNotificationConfiguration: all of it is checked before any of it is kept.</summary>
    public async Task PutAsync(S3Call call)
    {
        parts.Buckets.Current.Get(call.Bucket);
        var settings = Read(await S3Document.ReadAsync(call, Root));
        if (!string.Equals(call.Header("x-amz-skip-destination-validation"), "true", StringComparison.OrdinalIgnoreCase))
        {
            CheckTargets(settings);
        }

        var (caller, now, tests) = (call.Caller, parts.Time.GetUtcNow(), new RoutedEvents());
        parts.Notifications.RouteTests(settings, call.Bucket, caller, tests);
        await parts.Buckets.ApplyAsync(
            buckets =>
            {
                // What a manifest asks for is the manifest's to take away.
                var bucket = buckets.Get(call.Bucket);
                var kept = bucket.Notifications.Rules.Where(static rule => rule.Service is not null).ToList();
                var given = settings.Rules.Where(rule => !kept.Exists(known => known.Id == rule.Id));
                return new() { Put = [bucket with { Notifications = settings with { Rules = [.. given, .. kept] } }], Also = session => tests.Write(session, now) };
            },
            call.Aborted);
        tests.Wake(parts.Delivery);
        await call.AnswerAsync();
    }

    /// <summary>Reads and checks a document.</summary>
    /// <exception cref="S3Exception">It is refused.</exception>
    internal static NotificationSettings Read(XElement root)
    {
        var rules = ImmutableArray.CreateBuilder<NotificationRule>();
        foreach (var (kind, element) in Kinds.SelectMany(kind => root.All(kind.Element).Select(element => (kind, element))))
        {
            rules.Add(ReadRule(element, kind.Target, kind.Service));
        }

        if (rules.Select(static rule => rule.Id).Distinct(StringComparer.Ordinal).Count() < rules.Count)
        {
            throw S3Errors.InvalidArgument("Configuration Ids must be unique.", "Id", "");
        }

        for (var i = 0; i < rules.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (rules[i].Overlaps(rules[j]))
                {
                    throw new S3Exception(400, "InvalidArgument", IsFunction(rules[i]) && IsFunction(rules[j])
                        ? "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type."
                        : "Configurations overlap. Configurations on the same bucket cannot share a common event type.");
                }
            }
        }

        return new() { Rules = rules.ToImmutable(), EventBridge = root.One("EventBridgeConfiguration") is not null };

        static bool IsFunction(NotificationRule rule) => rule.TargetArn.Split(':')[2] == "lambda";
    }

    private static NotificationRule ReadRule(XElement element, string target, string service)
    {
        var arn = element.Required(target);
        var parts = arn.Split(':');
        if (parts.Length < 6 || parts[0] != "arn" || parts[2] != service || parts[3].Length == 0 || parts[4].Length == 0 || parts[5].Length == 0)
        {
            throw S3Errors.InvalidArgument("The ARN could not be parsed", target, arn);
        }

        if (arn.EndsWith(".fifo", StringComparison.Ordinal))
        {
            throw S3Errors.InvalidArgument($"FIFO {(service == "sqs" ? "queues" : "topics")} cannot be told of changes of a bucket.", target, arn);
        }

        var events = element.All("Event").Select(static one => one.Value).ToImmutableArray();
        if (events.IsEmpty)
        {
            throw S3Errors.MalformedXml();
        }

        foreach (var name in events)
        {
            if (!Known.Contains(name))
            {
                throw S3Errors.InvalidArgument("The event is not supported for notifications", "Event", name);
            }
        }

        var id = element.Text("Id") is { Length: > 0 } given ? given : Guid.NewGuid().ToString();
        if (id.Length > MaxId)
        {
            throw S3Errors.InvalidArgument("Configuration Id is longer than 255 characters.", "Id", id);
        }

        var (prefix, suffix) = ReadFilter(element.One("Filter")?.One("S3Key"));
        return new() { Id = id, TargetArn = arn, Events = events, Prefix = prefix, Suffix = suffix };
    }

    private static (string? Prefix, string? Suffix) ReadFilter(XElement? filter)
    {
        string? prefix = null, suffix = null;
        foreach (var rule in filter?.All("FilterRule") ?? [])
        {
            var (name, value) = (rule.Required("Name"), rule.Required("Value"));
            ref var part = ref prefix;
            if (name.Equals("suffix", StringComparison.OrdinalIgnoreCase))
            {
                part = ref suffix;
            }
            else if (!name.Equals("prefix", StringComparison.OrdinalIgnoreCase))
            {
                throw S3Errors.InvalidArgument("filter rule name must be either prefix or suffix", "FilterRule.Name", name);
            }

            if (value.Length == 0)
            {
                throw S3Errors.InvalidArgument("filter value cannot be empty", "FilterRule.Value", value);
            }

            part = part is null ? value : throw S3Errors.InvalidArgument($"Cannot specify more than one {name.ToLowerInvariant()} rule in a filter.", "FilterRule.Name", name);
        }

        return (prefix, suffix);
    }

    private void CheckTargets(NotificationSettings settings)
    {
        var missing = settings.Rules.Select(static rule => rule.TargetArn).Distinct(StringComparer.Ordinal).Where(arn => !parts.Exists(arn)).ToList();
        if (missing.Count > 0)
        {
            throw new S3Exception(
                400,
                "InvalidArgument",
                "Unable to validate the following destination configurations",
                [.. missing.SelectMany(static (arn, i) => new[] { ($"ArgumentName{i + 1}", arn), ($"ArgumentValue{i + 1}", $"The destination {Array.Find(Kinds, kind => kind.Service == arn.Split(':')[2]).Noun} does not exist") })]);
        }
    }

    private static XElement Write(NotificationRule rule)
    {
        var kind = Array.Find(Kinds, kind => kind.Service == rule.TargetArn.Split(':')[2]);
        return new(
            kind.Element,
            new XElement("Id", rule.Id),
            new XElement(kind.Target, rule.TargetArn),
            rule.Events.Select(static name => new XElement("Event", name)),
            rule is { Prefix: null, Suffix: null } ? null : new XElement("Filter", new XElement("S3Key", Filter("Prefix", rule.Prefix), Filter("Suffix", rule.Suffix))));

        static XElement? Filter(string name, string? value) => value is null ? null : new("FilterRule", new XElement("Name", name), new XElement("Value", value));
    }
}
