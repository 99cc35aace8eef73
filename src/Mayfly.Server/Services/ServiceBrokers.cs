using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>The message brokers that services name.</summary>
/// <param name="brokers">The one writer of brokers.</param>
public sealed class ServiceBrokers(BrokerRegistry brokers) : IServicePart
{
    /// <inheritdoc />
    public Task ApplyAsync(ServicePlan plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken) =>
        brokers.ApplyAsync(snapshot => Plan(snapshot, plan), write, cancellationToken);

    private static BrokerChanges Plan(BrokerSnapshot snapshot, ServicePlan plan)
    {
        var put = new List<Broker>();
        foreach (var wanted in plan.Deployment.Brokers)
        {
            if (!BrokerKey.IsName(wanted.Name) || !Broker.IsUrl(wanted.Url))
            {
                throw new ServiceException("InvalidDeployment", $"broker '{wanted.Name}': a name has at most {BrokerKey.MaxName} letters, digits, hyphens and underscores, and a URL is of the form amqp://user:password@host:port");
            }

            var key = new BrokerKey(plan.Account, plan.Region, wanted.Name);
            var before = snapshot.Find(key);
            if (before is not null && before.Service != plan.Service)
            {
                throw ServiceException.Taken("BrokerTaken", $"broker '{wanted.Name}'", before.Service);
            }

            put.Add((before ?? Broker.Make(key, wanted.Url)) with { Url = wanted.Url, Service = plan.Service });
        }

        var kept = put.Select(static broker => broker.Key).ToHashSet();
        return new()
        {
            Put = [.. put.Where(broker => snapshot.Find(broker.Key) != broker)],
            Remove = [.. snapshot.ByKey.Values.Where(broker => broker.Service == plan.Service && !kept.Contains(broker.Key)).Select(static broker => broker.Key)],
        };
    }
}
