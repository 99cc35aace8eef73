using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Notifications;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>
/// The buckets of services, and what services are told of changes in buckets. A bucket that a manifest no longer has stays, with its objects,
/// and is nobody's: only the removal of the service takes buckets away.
/// </summary>
/// <param name="objects">Buckets and what is in them.</param>
/// <param name="time">The clock.</param>
public sealed class ServiceBuckets(ObjectStore objects, TimeProvider time) : IServicePart
{
    private const int MostCounted = 10_000;

    /// <inheritdoc />
    public async Task ApplyAsync(ServicePlan plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        try
        {
            await objects.Buckets.ApplyAsync(snapshot => Plan(snapshot, plan), write, cancellationToken);
        }
        catch (ObjectException e)
        {
            throw new ServiceException("InvalidDeployment", $"a bucket of the service: {e.Message}");
        }
    }

    /// <inheritdoc />
    public IEnumerable<string> HeldBy(string service) => Own(service).Select(bucket => objects.Reader.Count(bucket, MostCounted) switch
    {
        1 => $"bucket {bucket.Name} (1 object)",
        MostCounted => $"bucket {bucket.Name} ({MostCounted} objects or more)",
        var count => $"bucket {bucket.Name} ({count} objects)",
    });

    private BucketChanges Plan(BucketSnapshot snapshot, ServicePlan plan)
    {
        var wanted = new Dictionary<string, Bucket>(StringComparer.Ordinal);
        foreach (var declared in plan.Deployment.Buckets)
        {
            wanted[declared.Name] = Make(snapshot.Find(declared.Name), plan, declared);
        }

        var told = plan.Reachable(plan.Deployment.Notifications, static notification => notification.Function).ToLookup(static notification => notification.Bucket, StringComparer.Ordinal);
        var put = new List<Bucket>();
        foreach (var name in snapshot.ByName.Keys.Concat(wanted.Keys).Concat(told.Select(static rules => rules.Key)).Distinct(StringComparer.Ordinal))
        {
            var before = snapshot.Find(name);
            var bucket = wanted.GetValueOrDefault(name) ?? before ?? throw new ServiceException("InvalidDeployment", $"bucket '{name}': there is none, and nothing declares it.");
            if (plan.IsRemoval && bucket.Service == plan.Service)
            {
                continue;
            }

            bucket = bucket with { Notifications = Rules(bucket, plan, [.. told[name]]) };
            bucket = bucket.Service == plan.Service && !wanted.ContainsKey(name) ? bucket with { Service = null } : bucket;
            if (before is null || !Same(before, bucket))
            {
                put.Add(bucket);
            }
        }

        return new()
        {
            Put = put,
            Discard = plan.IsRemoval ? [.. snapshot.ByName.Values.Where(bucket => bucket.Service == plan.Service).Select(static bucket => bucket.Name)] : [],
        };
    }

    private IEnumerable<Bucket> Own(string service) => objects.Buckets.Current.ByName.Values.Where(bucket => bucket.Service == service);

    private Bucket Make(Bucket? before, ServicePlan plan, DeployedBucket declared)
    {
        if (before is null && declared.Existing)
        {
            throw new ServiceException("InvalidDeployment", $"bucket '{declared.Name}' is said to exist, and does not. Make it first, or leave \"existing\" away.");
        }

        // A bucket that is only named by an event is shared; one that is described belongs to one service.
        var isDescribed = declared is not { Versioned: null, EventBridge: null, CorsRules: null, LifecycleRules: null, Tags: null };
        if (before?.Service is { } owner && owner != plan.Service)
        {
            return isDescribed ? throw ServiceException.Taken("BucketTaken", $"bucket '{declared.Name}'", owner) : before;
        }

        if (before is not null && (declared.Existing || (before.Service is null && !isDescribed)))
        {
            return before;
        }

        BucketName.Check(declared.Name);
        var bucket = before ?? new Bucket { Name = declared.Name, Account = plan.Account, Region = plan.Region, Created = time.GetUtcNow() };
        var made = bucket with
        {
            Service = plan.Service,
            Versioning = declared.Versioned switch
            {
                true => BucketVersioning.Enabled,
                false when bucket.Versioning == BucketVersioning.Enabled => BucketVersioning.Suspended,
                _ => bucket.Versioning,
            },
            Notifications = bucket.Notifications with { EventBridge = declared.EventBridge ?? bucket.Notifications.EventBridge },
            Tags = declared.Tags ?? bucket.Tags,
        };
        try
        {
            made = declared.CorsRules is null ? made : made with { Documents = made.Documents.SetItem("cors", BucketDocuments.Cors(declared.CorsRules)) };
            if (declared.LifecycleRules is not null)
            {
                var (document, rules) = BucketDocuments.Lifecycle(declared.LifecycleRules);
                made = made with { Documents = made.Documents.SetItem("lifecycle", document), Lifecycle = rules };
            }

            return made;
        }
        catch (FormatException e)
        {
            throw new ServiceException("InvalidDeployment", $"bucket '{declared.Name}': {e.Message}");
        }
    }

    // Those that others set stay.
    private static NotificationSettings Rules(Bucket bucket, ServicePlan plan, IReadOnlyList<DeployedNotification> told)
    {
        var own = told.Select((notification, index) => new NotificationRule
        {
            Id = $"{plan.Service}-{index + 1}",
            Service = plan.Service,
            TargetArn = notification.Target ?? plan.ArnOf(notification.Function)!,
            Events = notification.Events,
            Prefix = notification.Prefix,
            Suffix = notification.Suffix,
        });
        return bucket.Notifications with { Rules = [.. bucket.Notifications.Rules.Where(rule => rule.Service != plan.Service), .. own] };
    }

    private static bool Same(Bucket before, Bucket after) =>
        before with { Notifications = after.Notifications, Tags = after.Tags, Documents = after.Documents, Lifecycle = after.Lifecycle } == after
        && before.Documents.SequenceEqual(after.Documents)
        && before.Notifications.ToJson() == after.Notifications.ToJson()
        && before.Tags.SequenceEqual(after.Tags);
}
