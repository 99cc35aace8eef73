using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>One kind of things that services have beside functions: rules, schedules, buckets, queues.</summary>
public interface IServicePart
{
    /// <summary>Makes the service's things of this kind true, in one transaction with other rows. What it had and is not in the plan is removed.</summary>
    /// <param name="plan">What there shall be.</param>
    /// <param name="write">Runs what it gets in the transaction of the service, and completes when that is durable.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    /// <exception cref="ServiceException">It is refused, and nothing was changed.</exception>
    Task ApplyAsync(ServicePlan plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken);

    /// <summary>What goes with a service for good when it is removed, for a person: <c>queue jobs (3 messages)</c>.</summary>
    IEnumerable<string> HeldBy(string service) => [];
}
