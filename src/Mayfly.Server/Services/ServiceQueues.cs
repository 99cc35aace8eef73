using System.Collections.Immutable;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>The queues of services. One that a manifest no longer has stays, with its messages, and is nobody's: only the removal of the service takes queues away.</summary>
/// <param name="queues">The one writer of queues.</param>
/// <param name="count">How many messages a queue has.</param>
/// <param name="time">The clock.</param>
public sealed class ServiceQueues(QueueRegistry queues, Func<QueueKey, QueueCounts> count, TimeProvider time) : IServicePart
{
    /// <inheritdoc />
    public Task ApplyAsync(ServicePlan plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken) =>
        queues.ApplyAsync(snapshot => Plan(snapshot, plan), write, cancellationToken);

    /// <inheritdoc />
    public IEnumerable<string> HeldBy(string service) =>
        from queue in queues.Current.ByKey.Values
        where queue.Service == service
        orderby queue.Key.Name
        let counts = count(queue.Key)
        let messages = counts.Visible + counts.InFlight + counts.Delayed
        select $"queue {queue.Key.Name} ({messages} {(messages == 1 ? "message" : "messages")})";

    private QueueChanges Plan(QueueSnapshot snapshot, ServicePlan plan)
    {
        var now = time.GetUtcNow();
        var wanted = new Dictionary<QueueKey, MessageQueue>();
        foreach (var declared in plan.Deployment.Queues)
        {
            var key = new QueueKey(plan.Account, plan.Region, declared.Name);
            var before = snapshot.Find(key);
            if (before?.Service is { } owner && owner != plan.Service)
            {
                throw ServiceException.Taken("QueueTaken", $"queue '{declared.Name}'", owner);
            }

            // Whom its policy lets in, others have said: a manifest does not.
            wanted[key] = new() { Key = key, Id = before?.Id ?? 0, Policy = before?.Policy, Tags = declared.Tags, Service = plan.Service, Created = before?.Created ?? now, LastModified = now, Purged = before?.Purged };
        }

        // Queues that are named as sources are made too, unless they are there.
        foreach (var mapping in plan.Deployment.Mappings)
        {
            if (QueueKey.TryParse(mapping.Source, out var key) && !wanted.ContainsKey(key))
            {
                if (snapshot.Find(key) is not { } before)
                {
                    var made = new MessageQueue { Key = key, Service = plan.Service, Created = now, LastModified = now };

                    // Long enough for the function, which a mapping asks for.
                    var timeout = plan.Deployment.Functions.FirstOrDefault(function => function.Name == mapping.Function)?.Config.TimeoutSeconds ?? 0;
                    wanted[key] = made with { VisibilitySeconds = Math.Max(made.VisibilitySeconds, timeout) };
                }
                else if (before.Service == plan.Service)
                {
                    wanted[key] = before;
                }
            }
        }

        // Attributes last: dead letters may go to a queue of the same deployment.
        var all = snapshot.With(wanted.Values);
        foreach (var declared in plan.Deployment.Queues)
        {
            var key = new QueueKey(plan.Account, plan.Region, declared.Name);
            try
            {
                var made = QueueAttributesReader.Apply(wanted[key], declared.Attributes, all);
                wanted[key] = snapshot.Find(key) is { } before && Same(before, made) ? before : made;
            }
            catch (QueueAttributeException e)
            {
                throw new ServiceException("InvalidDeployment", $"queue '{declared.Name}': {e.Message}");
            }
        }

        var gone = snapshot.ByKey.Values.Where(queue => queue.Service == plan.Service && !wanted.ContainsKey(queue.Key)).ToList();
        return plan.IsRemoval
            ? new() { Remove = [.. gone.Select(static queue => queue.Key)] }
            : new() { Put = [.. wanted.Values.Where(queue => !ReferenceEquals(queue, snapshot.Find(queue.Key))), .. gone.Select(static queue => queue with { Service = null })] };
    }

    // Tags are compared by content: their dictionary is another each time.
    private static bool Same(MessageQueue before, MessageQueue made) =>
        before with { LastModified = made.LastModified, Tags = made.Tags, RedriveAllowPolicy = made.RedriveAllowPolicy } == made
        && before.Tags.SequenceEqual(made.Tags)
        && (before.RedriveAllowPolicy, made.RedriveAllowPolicy) switch
        {
            (null, null) => true,
            ({ } one, { } other) => one.Permission == other.Permission && one.SourceArns.SequenceEqual(other.SourceArns, StringComparer.Ordinal),
            _ => false,
        };
}
