using System.IO.Pipelines;
using Mayfly.Server.Resources.Objects.Blobs;

namespace Mayfly.Server.Resources.Objects;

/// <summary>
/// A version of an object with its content, which stays readable until this is disposed, whatever becomes of the object.
/// Used by one caller at a time.
/// </summary>
public sealed class OpenedObject : IDisposable
{
    private const int Chunk = 128 * 1024;

    private readonly ObjectRow _row;
    private readonly IReadOnlyList<ObjectSegment> _segments;
    private readonly Func<BlobId, IBlobContent> _open;
    private readonly Action _closed;
    private IBlobContent? _content;
    private int _current;

    internal OpenedObject(Bucket bucket, ObjectRow row, IReadOnlyList<ObjectSegment> segments, Func<BlobId, IBlobContent> open, Action closed)
    {
        (Bucket, _row, _segments, _open, _closed) = (bucket, row, segments, open, closed);
        _content = segments.Count > 0 ? open(segments[0].Blob) : null;
    }

    /// <summary>In which bucket.</summary>
    public Bucket Bucket { get; }

    /// <summary>What is known of it.</summary>
    public ObjectVersion Version => _row.Version;

    /// <summary>Its row.</summary>
    internal ObjectRow Row => _row;

    /// <summary>Where its content lies, if not in the row.</summary>
    internal IReadOnlyList<ObjectSegment> Segments => _segments;

    /// <summary>Reads some bytes from a place on.</summary>
    /// <returns>How many; 0: the place is the end.</returns>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken cancellationToken) => ReadAsync(offset, Version.Size, into, cancellationToken);

    /// <summary>Reads some bytes from a place on.</summary>
    /// <param name="offset">The place.</param>
    /// <param name="end">Where the caller will end, who reads on from here.</param>
    /// <param name="into">Where they go.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many; 0: the place is the end.</returns>
    internal async ValueTask<int> ReadAsync(long offset, long end, Memory<byte> into, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        end = Math.Min(end, Version.Size);
        var rest = Math.Min(into.Length, end - offset);
        if (rest <= 0)
        {
            return 0;
        }

        if (_row.Content is { } content)
        {
            content.AsSpan((int)offset, (int)rest).CopyTo(into.Span);
            return (int)rest;
        }

        var segment = Turn(offset);
        var within = offset - segment.Offset;
        var count = await _content!.ReadAsync(into[..(int)rest], within, Math.Min(segment.Size, end - segment.Offset), cancellationToken);
        return count > 0 ? count : throw new IOException($"The content of '{Version.Key}' ends before its {Version.Size} bytes: a file of the store was cut.");
    }

    /// <summary>Writes a range into a pipe, as fast as its reader takes it.</summary>
    public async Task SendAsync(PipeWriter to, long offset, long length, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(to);
        for (var end = offset + length; offset < end;)
        {
            var count = await ReadAsync(offset, end, to.GetMemory((int)Math.Min(Chunk, end - offset)), cancellationToken);
            if (count == 0)
            {
                throw new ArgumentOutOfRangeException(nameof(length), length, "The range ends after the object.");
            }

            to.Advance(count);
            offset += count;
            if ((await to.FlushAsync(cancellationToken)).IsCompleted)
            {
                return;
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _content?.Dispose();
        _closed();
    }

    // Opens the file that has the place.
    private ObjectSegment Turn(long offset)
    {
        var wanted = Find(offset);
        if (wanted != _current)
        {
            var next = _open(_segments[wanted].Blob);
            _content?.Dispose();
            (_content, _current) = (next, wanted);
        }

        return _segments[wanted];
    }

    private int Find(long offset)
    {
        var (low, high) = (0, _segments.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_segments[middle].Offset <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
