using Amazon.S3.Model;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>A content of a <see cref="RemoteBucket"/>: one request for what the caller reads at a stretch, nothing of it kept in memory.</summary>
/// <param name="bucket">The bucket.</param>
/// <param name="name">Its name there.</param>
internal sealed class RemoteContent(RemoteBucket bucket, string name) : IBlobContent
{
    private GetObjectResponse? _answer;
    private long _at;
    private long _end;

    /// <inheritdoc />
    public async ValueTask<int> ReadAsync(Memory<byte> into, long offset, long end, CancellationToken cancellationToken)
    {
        for (var isAgain = false; ; isAgain = true)
        {
            if (_answer is null || _at != offset || _at == _end)
            {
                Dispose();
                _answer = await bucket.GetAsync(name, offset, end - 1, cancellationToken);
                (_at, _end) = (offset, end);
            }

            try
            {
                var count = await _answer.ResponseStream.ReadAsync(into.Length > _end - offset ? into[..(int)(_end - offset)] : into, cancellationToken);
                if (count > 0)
                {
                    _at += count;
                    return count;
                }

                throw new EndOfStreamException("it was cut");
            }
            catch (Exception e) when (e is IOException or HttpRequestException && !cancellationToken.IsCancellationRequested)
            {
                // A connection may end while its reader is slow: it goes on with another.
                Dispose();
                if (isAgain)
                {
                    throw bucket.Failed(name, "read", e);
                }
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _answer?.Dispose();
        _answer = null;
    }
}
