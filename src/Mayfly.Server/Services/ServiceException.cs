namespace Mayfly.Server.Services;

/// <summary>A deployment that is refused. Nothing of it was applied.</summary>
/// <param name="code">For programs: <c>InvalidDeployment</c>, <c>UnknownRuntime</c>, <c>PackageMissing</c> or <c>FunctionTaken</c>.</param>
/// <param name="message">What is wrong, where, and what to do.</param>
public sealed class ServiceException(string code, string message) : Exception(message)
{
    /// <summary>For programs.</summary>
    public string Code { get; } = code;

    /// <summary>What a service declares is somebody else's.</summary>
    /// <param name="code">For programs.</param>
    /// <param name="what">The thing, with its name.</param>
    /// <param name="owner">The service that it belongs to; <see langword="null"/>: it was made by other means.</param>
    public static ServiceException Taken(string code, string what, string? owner) =>
        new(code, $"{what} {(owner is null ? "was made by other means" : $"belongs to service '{owner}'")}. Rename one of them, or remove that one first.");
}
