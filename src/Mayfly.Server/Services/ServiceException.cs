namespace Mayfly.Server.Services;

/// <summary>A deployment that is refused. Nothing of it was applied.</summary>
/// <param name="code">For programs: <c>InvalidDeployment</c>, <c>UnknownRuntime</c>, <c>PackageMissing</c> or <c>FunctionTaken</c>.</param>
/// <param name="message">What is wrong, where, and what to do.</param>
public sealed class ServiceException(string code, string message) : Exception(message)
{
    /// <summary>For programs.</summary>
    public string Code { get; } = code;
}
