using System.Globalization;
using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>The event source mappings of services: which there shall be after a deployment.</summary>
/// <param name="mappings">The one writer of mappings.</param>
/// <param name="queues">The queues that they read.</param>
/// <param name="time">The clock.</param>
public sealed class ServiceMappings(MappingRegistry mappings, QueueRegistry queues, TimeProvider time) : IServicePart
{
    // The API's own, where nothing is said.
    private const int QueueBatch = 10;
    private const int BrokerBatch = 100;
    private const int DefaultVisibility = 30;

    /// <inheritdoc />
    public Task ApplyAsync(ServicePlan plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken) =>
        mappings.ApplyAsync(snapshot => Plan(snapshot, plan), write, cancellationToken);

    private MappingChanges Plan(MappingSnapshot snapshot, ServicePlan plan)
    {
        var (put, kept) = (new List<EventSourceMapping>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var wanted in plan.Reachable(plan.Deployment.Mappings, static mapping => mapping.Function))
        {
            var made = Make(plan, wanted);
            var before = snapshot.Same(made);
            if (before is not null && before.Service != plan.Service)
            {
                throw ServiceException.Taken("MappingTaken", $"the event source mapping of '{wanted.Source}' to function '{wanted.Function}'", before.Service);
            }

            var timeout = plan.Deployment.Functions.FirstOrDefault(function => function.Name == wanted.Function)?.Config.TimeoutSeconds ?? 0;
            if (MappingRules.Refuse(made, QueueOf(plan, made), timeout) is { } refusal)
            {
                throw new ServiceException("InvalidDeployment", $"function '{wanted.Function}', messages of '{wanted.Source}': {refusal}");
            }

            kept.Add(before?.Uuid ?? made.Uuid);
            made = before is null ? made : made with { Uuid = before.Uuid, Tags = before.Tags };
            if (before is null || !MappingState.Reads(before, made))
            {
                put.Add(made);
            }
        }

        return new()
        {
            Put = put,
            Remove = [.. snapshot.All.Where(mapping => mapping.Service == plan.Service && !kept.Contains(mapping.Uuid)).Select(static mapping => mapping.Uuid)],
        };
    }

    // As the same deployment makes it.
    private MessageQueue? QueueOf(ServicePlan plan, EventSourceMapping mapping)
    {
        if (!QueueKey.TryParse(mapping.SourceArn, out var key))
        {
            return null;
        }

        var known = queues.Current.Find(key) ?? new MessageQueue { Key = key, Created = default, LastModified = default };
        var declared = key.Account == plan.Account && key.Region == plan.Region ? plan.Deployment.Queues.FirstOrDefault(queue => queue.Name == key.Name) : null;
        return declared is null ? known
            : declared.Attributes.TryGetValue("VisibilityTimeout", out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var seconds) ? known with { VisibilitySeconds = seconds }
            : known with { VisibilitySeconds = DefaultVisibility };
    }

    private EventSourceMapping Make(ServicePlan plan, DeployedMapping wanted) => new()
    {
        Service = plan.Service,
        Uuid = Guid.NewGuid().ToString(),
        SourceArn = wanted.Source,
        FunctionArn = plan.ArnOf(wanted.Function)!,
        Enabled = wanted.Enabled,
        BatchSize = wanted.BatchSize ?? (EventSourceMapping.IsBrokerArn(wanted.Source) ? BrokerBatch : QueueBatch),
        WindowSeconds = wanted.MaximumBatchingWindowSeconds ?? 0,
        Filters = wanted.Filters,
        ReportsFailures = wanted.ReportsFailures,
        MaximumConcurrency = wanted.MaximumConcurrency,
        Queue = wanted.Queue,
        VirtualHost = wanted.VirtualHost,
        BasicAuth = wanted.Credentials,
        LastModified = time.GetUtcNow(),
    };
}
