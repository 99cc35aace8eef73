using Mayfly.Server.Functions;

namespace Mayfly.Server.Services;

/// <summary>One function of a <see cref="ServiceDeployment"/>.</summary>
public sealed record DeployedFunction
{
    /// <summary>The deployed name, for example <c>shop-dev-order</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The settings.</summary>
    public required FunctionConfig Config { get; init; }

    /// <summary>SHA-256 of the uploaded zip, hexadecimal.</summary>
    public required string PackageSha256 { get; init; }

    /// <summary>URL settings; <see cref="FunctionUrl.Id"/> is kept from an earlier deployment or made anew by the server. <see langword="null"/> means no URL.</summary>
    public FunctionUrl? Url { get; init; }

    /// <summary>The alias to put on what is published of it, and to lead URL and routes to; <see langword="null"/> for none.</summary>
    public DeployedAlias? Alias { get; init; }

    /// <summary>What becomes of its asynchronous invocations; <see langword="null"/> leaves that as other means have set it.</summary>
    public DeployedAsync? Async { get; init; }

    /// <summary>Whether every change of code or settings is published as a version that stays.</summary>
    public bool KeepsVersions { get; init; }
}
