namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>An open content, used by one caller at a time.</summary>
internal interface IBlobContent : IDisposable
{
    /// <summary>Reads some bytes from a place on.</summary>
    /// <param name="into">Where they go.</param>
    /// <param name="offset">The place.</param>
    /// <param name="end">Where the caller will end, who reads on from here: a store far away is asked for as much at once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many; 0: the content ends there.</returns>
    ValueTask<int> ReadAsync(Memory<byte> into, long offset, long end, CancellationToken cancellationToken);
}
