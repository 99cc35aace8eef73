namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>Why a request is not one that the model allows.</summary>
/// <param name="Unreadable">Set when the request cannot be read as the model's types: then nothing else was checked.</param>
/// <param name="Failures">Else what is out of bounds, worded as the services word it.</param>
internal sealed record RequestFault(string? Unreadable, IReadOnlyList<string> Failures)
{
    /// <summary>One message for all failures.</summary>
    public string Message =>
        Unreadable ?? $"{Failures.Count} validation error{(Failures.Count == 1 ? "" : "s")} detected: {string.Join("; ", Failures)}";
}
