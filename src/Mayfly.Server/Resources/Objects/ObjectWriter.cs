using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Server.Resources.Objects;

/// <summary>
/// A body on its way into the store. Nobody sees it before a write of <see cref="ObjectWrites"/> or of the uploads commits it;
/// disposed without that, it leaves nothing behind. It holds a few blocks in memory, whatever its length. Used by one caller at a time.
/// </summary>
public sealed class ObjectWriter : IAsyncDisposable
{
    /// <summary>Contents up to here lie in their rows: one sync makes both durable.</summary>
    internal const int InlineLimit = 16 * 1024;

    private const int BlockSize = 256 * 1024;
    private const long ParallelFrom = 1024 * 1024;
    private const long WriteBackEvery = 8 * 1024 * 1024;

    // Room is reserved where it may be missing, and for no more than one request can bring, whatever its caller says.
    private const long LeastReserved = WriteBackEvery;
    private const long MostReserved = 5L * 1024 * 1024 * 1024;

    private readonly IBlobStore _blobs;
    private readonly ChecksumAlgorithm _stored;
    private readonly int _inlineLimit;
    private readonly long? _expected;
    private readonly ImmutableArray<RunningSum> _slow;
    private readonly ImmutableArray<RunningSum> _quick;
    private byte[] _block;
    private int _filled;
    private long _written;
    private long _writtenBack;
    private SafeFileHandle? _file;
    private BlobId _id;
    private SumLane? _lane;
    private Task _writing = Task.CompletedTask;
    private BodyDigests? _digests;
    private bool _kept;
    private bool _disposed;

    internal ObjectWriter(IBlobStore blobs, long? expected, bool inline, ChecksumAlgorithm stored, ReadOnlySpan<ChecksumAlgorithm> also)
    {
        (_blobs, _expected, _stored) = (blobs, expected, stored);
        _inlineLimit = inline ? InlineLimit : -1;
        var sums = new SortedSet<ChecksumAlgorithm>([ChecksumAlgorithm.Md5, stored, .. also]).Select(static algorithm => new RunningSum(algorithm)).ToList();
        _slow = [.. sums.Where(static sum => sum.IsSlow)];
        _quick = [.. sums.Where(static sum => !sum.IsSlow)];
        _block = ArrayPool<byte>.Shared.Rent(expected is >= 0 and < BlockSize ? Math.Max((int)expected.Value, 1) : BlockSize);
        if (expected > InlineLimit || (!inline && expected > 0))
        {
            Open();
        }
    }

    /// <summary>Bytes so far.</summary>
    public long Length => _written + _filled;

    /// <summary>The file, once the body is whole; <see langword="null"/>: the content is in <see cref="Content"/>.</summary>
    internal BlobId? Blob => _file is null ? null : _id;

    /// <summary>The content that goes into the row.</summary>
    internal byte[]? Content { get; private set; }

    /// <summary>Adds bytes, which may be used again once this has ended.</summary>
    /// <exception cref="StoreException">The disk is full or broken.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        while (!bytes.IsEmpty)
        {
            if (_filled == _block.Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await FlushAsync();
            }

            var count = Math.Min(bytes.Length, _block.Length - _filled);
            bytes.Span[..count].CopyTo(_block.AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Ends the body: it is whole and its file is durable, and it tells what it is. May be called again.</summary>
    /// <exception cref="StoreException">The disk is full or broken.</exception>
    public async ValueTask<BodyDigests> FinishAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_digests is not null)
        {
            return _digests;
        }

        var length = Length;
        if (_file is null && length <= _inlineLimit)
        {
            Content = _block.AsSpan(0, _filled).ToArray();
        }
        else
        {
            await FlushAsync();
            await _writing;
            await (_lane?.FinishAsync() ?? Task.CompletedTask);
            cancellationToken.ThrowIfCancellationRequested();
            await _blobs.PublishAsync(_file!, _id);
        }

        var sums = _slow.Concat(_quick).ToImmutableDictionary(static sum => sum.Algorithm, sum => Frozen(Content is null ? sum.Finish() : RunningSum.Of(sum.Algorithm, Content)));
        return _digests = new(length, sums[ChecksumAlgorithm.Md5], new(_stored, Convert.ToBase64String(sums[_stored].AsSpan())), sums);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await (_lane?.FinishAsync() ?? Task.CompletedTask);
        ArrayPool<byte>.Shared.Return(_block);
        foreach (var sum in _slow.Concat(_quick))
        {
            sum.Dispose();
        }

        if (_file is not null)
        {
            _file.Dispose();
            if (!_kept)
            {
                _blobs.Discard(_id);
            }
        }
    }

    /// <summary>
    /// Commits the body: runs a write that names its file. The file is deleted with this writer where that is refused, and not where the
    /// store failed, since nobody knows then what reached the disk: the next start looks.
    /// </summary>
    internal async Task<T> CommitAsync<T>(Func<Task<T>> write)
    {
        _kept = true;
        try
        {
            var result = await write();
            if (Blob is { } id)
            {
                _blobs.Settle(id);
            }

            return result;
        }
        catch (Exception e) when (!IsDoubtful(e))
        {
            _kept = false;
            throw;
        }
    }

    // A full disk took nothing, for certain; of another failure of the store nobody knows.
    private static bool IsDoubtful(Exception failure) => failure is StoreException { InnerException: not SqliteException { SqliteErrorCode: 13 } };

    private static void Append(ImmutableArray<RunningSum> sums, ReadOnlySpan<byte> bytes)
    {
        foreach (var sum in sums)
        {
            sum.Append(bytes);
        }
    }

    private static ImmutableArray<byte> Frozen(byte[] bytes) => ImmutableCollectionsMarshal.AsImmutableArray(bytes);

    private void Open() => _file ??= _blobs.Create(_expected >= LeastReserved ? Math.Min(_expected.Value, MostReserved) : 0, out _id);

    // While a block goes to the disk, the next one is received.
    private async ValueTask FlushAsync()
    {
        Open();
        await _writing;
        var (block, length, offset) = (_block, _filled, _written);
        _block = ArrayPool<byte>.Shared.Rent(BlockSize);
        (_filled, _written) = (0, offset + length);
        if (_written > ParallelFrom)
        {
            _lane ??= new(_slow);
        }

        _writing = WriteBlockAsync(block, length, offset);
    }

    private async Task WriteBlockAsync(byte[] block, int length, long offset)
    {
        try
        {
            await RandomAccess.WriteAsync(_file!, block.AsMemory(0, length), offset);
            if (offset + length - _writtenBack >= WriteBackEvery)
            {
                WriteBack.Start(_file!, _writtenBack, offset + length - _writtenBack);
                _writtenBack = offset + length;
            }
        }
        catch (IOException e)
        {
            throw BlobFolder.Failed(e);
        }

        Append(_quick, block.AsSpan(0, length));
        if (_lane is not null)
        {
            await _lane.AddAsync(block, length);
            return;
        }

        Append(_slow, block.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(block);
    }
}
