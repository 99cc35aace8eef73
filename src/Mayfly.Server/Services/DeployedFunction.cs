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
}
