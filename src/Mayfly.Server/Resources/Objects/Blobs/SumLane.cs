using System.Buffers;
using System.Threading.Channels;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>Adds blocks to sums on another core than the one that receives them, and gives the blocks back to the pool.</summary>
internal sealed class SumLane
{
    // So many blocks may wait: the memory of a body stays bounded, and its sender waits for the slowest sum.
    private const int Waiting = 3;

    private readonly Channel<(byte[] Block, int Length)> _blocks =
        Channel.CreateBounded<(byte[] Block, int Length)>(new BoundedChannelOptions(Waiting) { SingleReader = true, SingleWriter = true });

    private readonly Task _running;

    public SumLane(IReadOnlyList<RunningSum> sums) => _running = RunAsync(sums);

    public ValueTask AddAsync(byte[] block, int length) => _blocks.Writer.WriteAsync((block, length));

    /// <summary>Completes once everything that was given is in the sums.</summary>
    public Task FinishAsync()
    {
        _blocks.Writer.TryComplete();
        return _running;
    }

    private async Task RunAsync(IReadOnlyList<RunningSum> sums)
    {
        await foreach (var (block, length) in _blocks.Reader.ReadAllAsync())
        {
            foreach (var sum in sums)
            {
                sum.Append(block.AsSpan(0, length));
            }

            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
