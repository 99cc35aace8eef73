using System.Buffers.Binary;
using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Mayfly.Sandboxd.Native;

namespace Mayfly.Sandboxd.Wire;

/// <summary>A Unix stream socket that carries packets, four bytes of length before each, and descriptors with them.</summary>
/// <remarks>Sending is allowed from any thread. <see cref="Receive"/> blocks and belongs to one thread; <see cref="Dispose"/> wakes it.</remarks>
internal sealed class PacketSocket : IDisposable
{
    /// <summary>The longest packet that is read.</summary>
    internal const int MaxLength = 4 * 1024 * 1024;

    private const int MaxDescriptors = 16;
    private readonly Socket _socket;
    private readonly Lock _sending = new();

    /// <summary>Takes a connected socket over. It must not have been used asynchronously.</summary>
    internal PacketSocket(Socket socket)
    {
        _socket = socket;
        socket.Blocking = true;
    }

    /// <summary>Sends a packet; the descriptors are duplicated by the kernel and stay the caller's.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    internal void Send(ReadOnlySpan<byte> body, ReadOnlySpan<int> descriptors)
    {
        var bytes = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, body.Length);
        body.CopyTo(bytes.AsSpan(4));
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
                throw new IOException("The connection is closed.", e);
            }
        }
    }

    /// <summary>Reads the next packet; <see langword="null"/> when the other side has closed.</summary>
    /// <param name="descriptors">The descriptors that came with it; they are the caller's from now on.</param>
    /// <exception cref="IOException">What came is not a packet.</exception>
    internal byte[]? Receive(out IReadOnlyList<int> descriptors)
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
            return Fill(body, passed) ? body : throw new IOException("The connection closed in the middle of a message.");
        }
        catch (Exception e)
        {
            CloseAll(passed);
            if (e is Win32Exception or ObjectDisposedException)
            {
                return null;
            }

            throw;
        }
    }

    /// <summary>Closes descriptors that nobody wants.</summary>
    internal static void CloseAll(IReadOnlyList<int> descriptors)
    {
        foreach (var descriptor in descriptors)
        {
            LibC.Close(descriptor);
        }

        (descriptors as List<int>)?.Clear();
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
