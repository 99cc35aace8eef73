namespace Mayfly.Client;

/// <summary>The server understood and refused.</summary>
/// <param name="message">The server's own words.</param>
/// <param name="status">The HTTP status.</param>
public sealed class RefusedException(string message, int status) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;
}
