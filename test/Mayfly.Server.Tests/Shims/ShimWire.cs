using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Mayfly.Server.Tests.Shims;

/// <summary>The server's side of a shim's socket, frame by frame.</summary>
internal abstract class ShimWire(Socket socket) : IDisposable
{
    /// <summary>What the shim has printed so far.</summary>
    public abstract string Output { get; }

    /// <summary>Sends several frames in one write.</summary>
    public void SendTogether(params byte[][] frames) => SendAll([.. frames.SelectMany(frame => frame)]);

    public void SendAssign(IReadOnlyDictionary<string, string> environment) => SendAll(AssignFrame(environment));

    public static byte[] AssignFrame(IReadOnlyDictionary<string, string> environment) => Frame(4, 0, JsonSerializer.SerializeToUtf8Bytes(environment));

    public void Send(byte type, int slot, ReadOnlySpan<byte> payload) => SendAll(Frame(type, slot, payload));

    private static byte[] Frame(byte type, int slot, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        frame[4] = type;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), slot);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    public void SendInvoke(string @event, int slot = 1, string requestId = "r-1", string clientContext = "", string identity = "", string trace = "Root=1-2;Sampled=1", string tenant = "") =>
        SendAll(InvokeFrame(@event, slot, requestId, clientContext, identity, trace, tenant));

    public static byte[] InvokeFrame(string @event, int slot = 1, string requestId = "r-1", string clientContext = "", string identity = "", string trace = "Root=1-2;Sampled=1", string tenant = "")
    {
        using var payload = new MemoryStream();
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, DateTimeOffset.UtcNow.AddSeconds(3).ToUnixTimeMilliseconds());
        payload.Write(number);
        foreach (var text in new[] { requestId, "arn:aws:lambda:us-east-1:000000000000:function:hello", trace, clientContext, identity, tenant })
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)bytes.Length);
            payload.Write(number[..2]);
            payload.Write(bytes);
        }

        payload.Write(Encoding.UTF8.GetBytes(@event));
        return Frame(1, slot, payload.ToArray());
    }

    /// <summary>Lets the shim look for its next frame for a time that is over at once and for one that is not, and checks that it misses nothing: what comes whole, in pieces, and what is large.</summary>
    public void CheckPolling()
    {
        var texts = (string[])["\"a\"", $"\"{new string('b', 200_000)}\""];
        var expected = texts.Select(Invoke).ToArray();
        Span<byte> time = stackalloc byte[4];
        foreach (var (microseconds, round) in Enumerable.Range(0, 8).Select(round => (round % 2 == 0 ? 1u : 500_000u, round)))
        {
            var text = round % 4 < 2 ? 0 : 1;
            BinaryPrimitives.WriteUInt32BigEndian(time, microseconds);
            byte[] frames = [.. Frame(5, 0, time), .. InvokeFrame(texts[text])];
            SendAll(frames.AsSpan(0, 20).ToArray());
            SendAll(frames.AsSpan(20).ToArray());
            Receive().ShouldBe(((byte)18, 1, expected[text]));
        }
    }

    public (byte Type, int Slot, string Payload) Receive()
    {
        var header = new byte[9];
        Fill(header);
        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header)];
        Fill(payload);
        return (header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), Encoding.UTF8.GetString(payload));
    }

    /// <summary>Invokes and expects a result.</summary>
    public string Invoke(string @event)
    {
        SendInvoke(@event);
        var (type, slot, payload) = Receive();
        type.ShouldBe((byte)18, payload);
        slot.ShouldBe(1);
        return payload;
    }

    /// <summary>Invokes and expects an error object.</summary>
    public JsonElement InvokeFailing(string @event, byte answer = 19)
    {
        SendInvoke(@event);
        var (type, _, payload) = Receive();
        type.ShouldBe(answer, payload);
        return JsonSerializer.Deserialize<JsonElement>(payload);
    }

    /// <summary>The server is gone.</summary>
    public void Close() => socket.Dispose();

    /// <inheritdoc/>
    public virtual void Dispose() => socket.Dispose();

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }

    private void Fill(byte[] buffer)
    {
        for (var have = 0; have < buffer.Length;)
        {
            int read;
            try
            {
                read = socket.Receive(buffer.AsSpan(have));
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                // It went before it had read all that was sent to it.
                read = 0;
            }
            catch (SocketException e)
            {
                throw new InvalidOperationException("no answer; the shim printed: " + Output, e);
            }

            have += read > 0 ? read : throw new InvalidOperationException("the shim is gone; it printed: " + Output);
        }
    }
}
