using System.ComponentModel;
using System.Runtime.InteropServices;
using Mayfly.Sandboxd.Native;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Networks;

/// <summary>A conversation with the kernel about the network namespace that the calling thread was in when it began.</summary>
internal sealed class NetlinkSocket : IDisposable
{
    /// <summary>Interfaces, addresses and routes.</summary>
    internal const int Route = 0;

    /// <summary>Packet filters.</summary>
    internal const int Netfilter = 12;

    private const int HeadLength = 16;
    private const ushort ErrorType = 2;
    private readonly SafeFileHandle _socket;
    private uint _next = 1;

    internal NetlinkSocket(int protocol) => _socket = LibC.NetlinkSocket(protocol);

    /// <summary>Sends messages and waits until each that is answered is done.</summary>
    /// <exception cref="Win32Exception">The kernel refused one.</exception>
    internal void Do(NetlinkMessages messages)
    {
        var first = _next;
        _next += (uint)messages.Bytes.Length;
        messages.Number(first);
        LibC.WriteAll(_socket, messages.Bytes);
        Span<byte> buffer = stackalloc byte[8192];
        for (var left = messages.Answered.Count; left > 0;)
        {
            var length = LibC.ReadSome(_socket, buffer);
            if (length < 0)
            {
                throw LibC.Error(messages.Answered[0].What);
            }

            for (var rest = buffer[..length]; rest.Length >= HeadLength; rest = rest[Math.Min(rest.Length, (MemoryMarshal.Read<int>(rest) + 3) & ~3)..])
            {
                var sequence = MemoryMarshal.Read<uint>(rest[8..]);
                if (MemoryMarshal.Read<ushort>(rest[4..]) != ErrorType || sequence - first >= messages.Bytes.Length)
                {
                    continue;
                }

                var errno = -MemoryMarshal.Read<int>(rest[HeadLength..]);
                if (errno != 0)
                {
                    var what = messages.Answered.FirstOrDefault(m => m.At == sequence - first).What ?? messages.Answered[0].What;
                    throw new Win32Exception(errno, $"{what}: {Marshal.GetPInvokeErrorMessage(errno)}");
                }

                left--;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
