using Mayfly.Server.Services;

namespace Mayfly.Deploying;

/// <summary>Builds one function. Cancelled when a newer build of the same function begins.</summary>
/// <param name="function">What to build.</param>
/// <param name="cancellationToken">Ends the build's tools.</param>
public delegate Task<FunctionBuild> FunctionBuilder(FunctionDefinition function, CancellationToken cancellationToken);
