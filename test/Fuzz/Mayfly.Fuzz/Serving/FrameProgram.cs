using System.Buffers.Binary;
using System.Net.Sockets;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Fuzz.Serving;

/// <summary>Programs that speak frames, written from docs/paths/frames.md.</summary>
internal static class FrameProgram
{
    private const int Header = 9;

    /// <summary>Answers each event with itself.</summary>
    public static async Task EchoAsync(SandboxSpec spec, Socket? channel, CancellationToken stop)
    {
        if (channel is null)
        {
            return;
        }

        await channel.SendAsync(Frame(16, 0, []), stop);
        var header = new byte[Header];
        while (await FillAsync(channel, header, stop))
        {
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header)];
            await FillAsync(channel, payload, stop);
            if (header[4] == 2)
            {
                return;
            }

            if (header[4] != 1)
            {
                continue;
            }

            var at = sizeof(long);
            for (var text = 0; text < 6; text++)
            {
                at += sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(at));
            }

            await channel.SendAsync(Frame(18, BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), payload[at..]), stop);
        }
    }

    /// <summary>Sends an input, its parts (lines <c>---</c> between them) each after something came or a moment passed.</summary>
    public static async Task PlayAsync(byte[] input, Socket channel, CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        var rest = input.AsMemory();
        while (!rest.IsEmpty)
        {
            var cut = rest.Span.IndexOf("\n---\n"u8);
            await channel.SendAsync(cut < 0 ? rest : rest[..cut], stop);
            rest = cut < 0 ? default : rest[(cut + 5)..];
            using var moment = CancellationTokenSource.CreateLinkedTokenSource(stop);
            moment.CancelAfter(TimeSpan.FromMilliseconds(40));
            try
            {
                if (await channel.ReceiveAsync(buffer, moment.Token) == 0)
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // Nothing came.
            }
        }
    }

    public static byte[] Frame(byte type, int slot, byte[] payload)
    {
        var frame = new byte[Header + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        frame[4] = type;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), slot);
        payload.CopyTo(frame, Header);
        return frame;
    }

    private static async Task<bool> FillAsync(Socket socket, byte[] buffer, CancellationToken stop)
    {
        for (var at = 0; at < buffer.Length;)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(at), stop);
            if (read == 0)
            {
                return false;
            }

            at += read;
        }

        return true;
    }
}
