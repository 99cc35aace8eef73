using System.Net.Sockets;
using System.Text.Json;

namespace Mayfly.Sandboxd.Wire;

/// <summary>A connection between the server and sandboxd that carries messages and descriptors.</summary>
/// <remarks>Sending is allowed from any thread. <see cref="Receive"/> blocks and belongs to one thread; <see cref="Dispose"/> wakes it.</remarks>
public sealed class MessageSocket : IDisposable
{
    /// <summary>The longest message that is read.</summary>
    public const int MaxLength = PacketSocket.MaxLength;

    private readonly PacketSocket _packets;

    /// <summary>Takes a connected Unix socket over. It must not have been used asynchronously.</summary>
    public MessageSocket(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _packets = new(socket);
    }

    /// <summary>Sends a message; the descriptors are duplicated by the kernel and stay the caller's.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    public void Send(SandboxdMessage message, ReadOnlySpan<int> descriptors = default) =>
        _packets.Send(message is StartMessage { Spec: { } spec } ? StartPacket.Write(spec) : JsonSerializer.SerializeToUtf8Bytes(message, WireJson.Default.SandboxdMessage), descriptors);

    /// <summary>Reads the next message; <see langword="null"/> when the other side has closed.</summary>
    /// <param name="descriptors">The descriptors that came with it; they are the caller's from now on.</param>
    /// <exception cref="IOException">What came is not a message.</exception>
    public SandboxdMessage? Receive(out IReadOnlyList<int> descriptors)
    {
        if (_packets.Receive(out descriptors) is not { } body)
        {
            return null;
        }

        try
        {
            return body[0] == StartPacket.Mark ? StartPacket.Read(body) : JsonSerializer.Deserialize(body, WireJson.Default.SandboxdMessage) ?? throw new IOException("An empty message was refused.");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            PacketSocket.CloseAll(descriptors);
            throw e as IOException ?? new IOException($"A message was not understood: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _packets.Dispose();
}
