using System.Buffers;
using System.Globalization;
using System.Text;

namespace Mayfly.Server.Dialects.Aws.S3.Bodies;

/// <summary>
/// Takes the framing off an <c>aws-chunked</c> body while it is read: sizes, signatures, and the trailers behind the last
/// chunk. It holds one buffer however large chunks are. The end is told only once everything was right.
/// </summary>
/// <param name="inner">The body as it was sent.</param>
/// <param name="length">How many bytes the chunks should have together; <see langword="null"/> when that was not said.</param>
/// <param name="announced">The trailers that were announced.</param>
/// <param name="signatures">What checks the signatures of chunks; <see langword="null"/> when they have none, or none that can be checked.</param>
/// <param name="accessKey">Who signed, for messages.</param>
internal sealed class AwsChunkedReader(Stream inner, long? length, IReadOnlyCollection<string> announced, ChunkSignatures? signatures, string accessKey) : ReadOnlyBody
{
    private const int BufferSize = 64 * 1024;
    private const int MaxSizeLine = 1024;
    private const int MaxTrailers = 8 * 1024;
    private const string SignatureTrailer = "x-amz-trailer-signature";
    private const string SignatureMark = "chunk-signature=";

    private readonly Dictionary<string, string> _trailers = new(StringComparer.Ordinal);
    private byte[]? _buffer;
    private int _at;
    private int _end;
    private Part _part = Part.Size;
    private long _left;
    private long _total;
    private string _claimed = "";

    private enum Part
    {
        Size,
        Bytes,
        AfterBytes,
        Done,
    }

    /// <summary>What came behind the last chunk, by lower-case name. Known once the end was read.</summary>
    public IReadOnlyDictionary<string, string> Trailers => _trailers;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            switch (_part)
            {
                case Part.Size:
                    await BeginChunkAsync(cancellationToken);
                    break;
                case Part.Bytes:
                    return await TakeAsync(buffer, cancellationToken);
                case Part.AfterBytes:
                    if ((await LineAsync(2, cancellationToken)).Length > 0)
                    {
                        throw Malformed();
                    }

                    CheckChunk();
                    _part = Part.Size;
                    break;
                default:
                    return 0;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (_buffer is { } buffer)
            {
                _buffer = null;
                _part = Part.Done;
                ArrayPool<byte>.Shared.Return(buffer);
            }

            signatures?.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask BeginChunkAsync(CancellationToken cancellationToken)
    {
        var line = await LineAsync(MaxSizeLine, cancellationToken);
        var extension = line.IndexOf(';', StringComparison.Ordinal);
        var size = extension < 0 ? line.AsSpan() : line.AsSpan(0, extension);
        if (size.Length > 15 || !long.TryParse(size.TrimEnd(' '), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left) || _left < 0)
        {
            throw Malformed();
        }

        _claimed = extension >= 0 && line.IndexOf(SignatureMark, extension, StringComparison.Ordinal) is >= 0 and var mark ? line[(mark + SignatureMark.Length)..].Trim() : "";
        _total += _left;
        if (_total > length)
        {
            throw S3Errors.IncompleteBody();
        }

        if (_left > 0)
        {
            _part = Part.Bytes;
            return;
        }

        CheckChunk();
        await ReadTrailersAsync(cancellationToken);
        if (length is { } declared && declared != _total)
        {
            throw S3Errors.IncompleteBody();
        }

        _part = Part.Done;
    }

    private void CheckChunk()
    {
        if (signatures?.EndChunk(_claimed) == false)
        {
            throw S3Errors.SignatureDoesNotMatch(accessKey, _claimed);
        }
    }

    private async ValueTask<int> TakeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var most = (int)Math.Min(buffer.Length, _left);
        var taken = Math.Min(most, _end - _at);
        if (taken > 0)
        {
            _buffer.AsMemory(_at, taken).CopyTo(buffer);
            _at += taken;
        }
        else
        {
            taken = await inner.ReadAsync(buffer[..most], cancellationToken);
            if (taken == 0)
            {
                throw S3Errors.IncompleteBody();
            }
        }

        signatures?.Append(buffer.Span[..taken]);
        _left -= taken;
        if (_left == 0)
        {
            _part = Part.AfterBytes;
        }

        return taken;
    }

    // The last line end is missing with some clients; the body's end stands for it.
    private async ValueTask ReadTrailersAsync(CancellationToken cancellationToken)
    {
        string? claimed = null;
        var left = MaxTrailers;
        while (await LineAsync(left, cancellationToken, mayEnd: true) is { Length: > 0 } line)
        {
            left -= line.Length;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                throw MalformedTrailer();
            }

            var (name, value) = (line[..colon].Trim().ToLowerInvariant(), line[(colon + 1)..].Trim());
            if (name == SignatureTrailer)
            {
                claimed = value;
            }
            else if (!_trailers.TryAdd(name, value))
            {
                throw MalformedTrailer();
            }
        }

        if (announced.Count != _trailers.Count || !announced.All(_trailers.ContainsKey))
        {
            throw MalformedTrailer();
        }

        if (signatures is not null && _trailers.Count > 0 && !signatures.EndTrailers(_trailers, claimed ?? ""))
        {
            throw S3Errors.SignatureDoesNotMatch(accessKey, claimed ?? "");
        }
    }

    private async ValueTask<string> LineAsync(int most, CancellationToken cancellationToken, bool mayEnd = false)
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferSize);
        var searched = 0;
        while (true)
        {
            var feed = _buffer.AsSpan(_at + searched, _end - _at - searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                var line = _buffer.AsSpan(_at, searched + feed);
                _at += searched + feed + 1;
                return line.Length > most + 1 ? throw Malformed() : Encoding.UTF8.GetString(line.EndsWith("\r"u8) ? line[..^1] : line);
            }

            searched = _end - _at;
            if (searched > most + 1)
            {
                throw Malformed();
            }

            if (_at > 0)
            {
                _buffer.AsSpan(_at, searched).CopyTo(_buffer);
                (_at, _end) = (0, searched);
            }

            var read = await inner.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                var rest = Encoding.UTF8.GetString(_buffer.AsSpan(0, _end));
                _at = _end;
                return mayEnd ? rest : throw S3Errors.IncompleteBody();
            }

            _end += read;
        }
    }

    private static S3Exception Malformed() => S3Errors.InvalidRequest("The body is not in the aws-chunked format that x-amz-content-sha256 announces.");

    private static S3Exception MalformedTrailer() => new(400, "MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema.");
}
