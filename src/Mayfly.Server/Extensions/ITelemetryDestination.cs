namespace Mayfly.Server.Extensions;

/// <summary>Where a subscriber's records go.</summary>
internal interface ITelemetryDestination : IDisposable
{
    /// <summary>Delivers records in order.</summary>
    /// <returns>Whether they arrived.</returns>
    Task<bool> SendAsync(IReadOnlyList<byte[]> records, CancellationToken cancellationToken);
}
