using System.Buffers.Binary;
using System.ComponentModel;
using System.Net.Sockets;
using System.Text.Json;
using Mayfly.Sandboxd.Native;

namespace Mayfly.Sandboxd.Wire;

/// <summary>A connection between the server and sandboxd that carries messages and descriptors.</summary>
/// <remarks>Sending is allowed from any thread. <see cref="Receive"/> blocks and belongs to one thread; <see cref="Dispose"/> wakes it.</remarks>
public sealed class MessageSocket : IDisposable
{
    /// <summary>The longest message that is read.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    private const int MaxDescriptors = 8;
    private readonly Socket _socket;
    private readonly Lock _sending = new();

    /// <summary>Takes a connected Unix socket over. It must not have been used asynchronously.</summary>
    public MessageSocket(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _socket = socket;
        socket.Blocking = true;
    }

    /// <summary>Sends a message; the descriptors are duplicated by the kernel and stay the caller's.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    public void Send(SandboxdMessage message, ReadOnlySpan<int> descriptors = default)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, WireJson.Default.SandboxdMessage);
        var bytes = new byte[4 + json.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, json.Length);
        json.CopyTo(bytes, 4);
        lock (_sending)
        {
            try
            {
                var sent = DescriptorPassing.Send(_socket.SafeHandle, bytes, descriptors);
                while (sent < bytes.Length)
                {
                    sent += DescriptorPassing.Send(_socket.SafeHandle, bytes.AsSpan(sent), default);
                }
            }
            catch (Exception e) when (e is Win32Exception or ObjectDisposedException)
            {
                throw new IOException("The connection between the server and sandboxd is closed.", e);
            }
        }
    }

    /// <summary>Reads the next message; <see langword="null"/> when the other side has closed.</summary>
    /// <param name="descriptors">The descriptors that came with it; they are the caller's from now on.</param>
    /// <exception cref="IOException">What came is not a message.</exception>
    public SandboxdMessage? Receive(out IReadOnlyList<int> descriptors)
    {
        var passed = new List<int>(MaxDescriptors);
        descriptors = passed;
        try
        {
            Span<byte> header = stackalloc byte[4];
            if (!Fill(header, passed))
            {
                return null;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(header);
            if (length is <= 0 or > MaxLength)
            {
                throw new IOException($"A message of {length} bytes was refused.");
            }

            var body = new byte[length];
            if (!Fill(body, passed))
            {
                throw new IOException("The connection closed in the middle of a message.");
            }

            return JsonSerializer.Deserialize(body, WireJson.Default.SandboxdMessage)
                ?? throw new IOException("An empty message was refused.");
        }
        catch (Exception e)
        {
            foreach (var descriptor in passed)
            {
                LibC.Close(descriptor);
            }

            passed.Clear();
            if (e is Win32Exception or ObjectDisposedException)
            {
                return null;
            }

            throw e is JsonException ? new IOException($"A message was not understood: {e.Message}", e) : e;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            // A blocked recvmsg returns 0 on shutdown; closing alone would leave it waiting.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was closed already.
        }

        _socket.Dispose();
    }

    private bool Fill(Span<byte> buffer, List<int> passed)
    {
        while (buffer.Length > 0)
        {
            var count = DescriptorPassing.Receive(_socket.SafeHandle, buffer, passed, MaxDescriptors);
            if (count == 0)
            {
                return false;
            }

            buffer = buffer[count..];
        }

        return true;
    }
}
