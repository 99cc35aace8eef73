using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Mayfly.Server.Identity;

namespace Mayfly.Server.Resources.Queues;

/// <summary>
/// Makes and reads receipt handles. Nothing is stored: a handle carries the message's number, that of its receive and the
/// time of it, and a code that only this server can make, for this queue alone.
/// </summary>
/// <param name="storeFolder">Where the server's secret lies.</param>
public sealed class ReceiptHandles(string storeFolder)
{
    private const int BodyLength = sizeof(long) + sizeof(int) + sizeof(long);
    private const int CodeLength = 8;

    private readonly byte[] _key = ServerKey.Load(storeFolder);

    internal string Make(in QueueKey queue, in Receipt receipt)
    {
        Span<byte> handle = stackalloc byte[BodyLength + CodeLength];
        BinaryPrimitives.WriteInt64BigEndian(handle, receipt.Message);
        BinaryPrimitives.WriteInt32BigEndian(handle[sizeof(long)..], receipt.Receive);
        BinaryPrimitives.WriteInt64BigEndian(handle[(sizeof(long) + sizeof(int))..], receipt.At);
        Code(queue, handle[..BodyLength]).AsSpan(0, CodeLength).CopyTo(handle[BodyLength..]);
        return Base64Url.EncodeToString(handle);
    }

    internal Receipt? Read(in QueueKey queue, string text)
    {
        Span<byte> handle = stackalloc byte[BodyLength + CodeLength];
        if (text.Length != Base64Url.GetEncodedLength(handle.Length)
            || Base64Url.DecodeFromChars(text, handle, out _, out var length) != OperationStatus.Done
            || length != handle.Length
            || !CryptographicOperations.FixedTimeEquals(Code(queue, handle[..BodyLength]).AsSpan(0, CodeLength), handle[BodyLength..]))
        {
            return null;
        }

        return new(
            BinaryPrimitives.ReadInt64BigEndian(handle),
            BinaryPrimitives.ReadInt32BigEndian(handle[sizeof(long)..]),
            BinaryPrimitives.ReadInt64BigEndian(handle[(sizeof(long) + sizeof(int))..]));
    }

    // The secret also makes credentials: its use here begins with a word of its own.
    private byte[] Code(in QueueKey queue, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        mac.AppendData("receipt\0"u8);
        mac.AppendData(Encoding.UTF8.GetBytes(queue.Arn));
        mac.AppendData("\0"u8);
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }
}
