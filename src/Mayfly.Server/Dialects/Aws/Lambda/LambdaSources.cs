using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>What event source mappings are made of.</summary>
/// <param name="Mappings">The mappings.</param>
/// <param name="Runners">How it is with each.</param>
/// <param name="Queues">The queues that may be mapped.</param>
/// <param name="Brokers">The brokers whose queues may be.</param>
public sealed record LambdaSources(MappingRegistry Mappings, MappingRunners Runners, QueueRegistry Queues, BrokerRegistry Brokers);
