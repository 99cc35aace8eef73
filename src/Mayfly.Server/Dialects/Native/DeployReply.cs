using System.Collections.Immutable;
using Mayfly.Server.Services;

namespace Mayfly.Server.Dialects.Native;

/// <summary>The answer of <c>PUT services/{name}</c>.</summary>
/// <param name="Service">The service as it is now.</param>
/// <param name="Changes">What was done to each function.</param>
public sealed record DeployReply(ServiceReply Service, ImmutableArray<FunctionChange> Changes);
