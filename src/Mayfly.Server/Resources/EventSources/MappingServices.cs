using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>What all mappings run on.</summary>
/// <param name="Table">What is deployed.</param>
/// <param name="Invoke">The one door to running a function.</param>
/// <param name="Time">The machine's clock, for waits.</param>
/// <param name="Clock">The clock that messages of queues go by.</param>
/// <param name="Log">Where problems are told.</param>
public sealed record MappingServices(FunctionTable Table, Func<InvocationRequest, CancellationToken, ValueTask<InvocationResult>> Invoke, TimeProvider Time, TimeProvider Clock, ILogger<MappingServices> Log);
