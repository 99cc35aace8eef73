using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>What runs functions behind the Lambda API.</summary>
/// <param name="Invoker">Runs them now.</param>
/// <param name="Events">Runs them later.</param>
/// <param name="Provisioned">How many of the instances of a version that are to be kept started are up.</param>
public sealed record LambdaEngines(Invoker Invoker, EventQueue Events, Func<Revision, ProvisionedCount> Provisioned);
