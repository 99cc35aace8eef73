using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Mayfly.Server.Protocol;

namespace Mayfly.Server.Tests.Protocol;

public sealed class FrameFormatTests
{
    [Fact]
    public void StreamWindow_IsAWholeFrame()
    {
        var buffer = new ArrayBufferWriter<byte>();
        FrameFormat.WriteStreamWindow(buffer, 2, 65536);
        Convert.ToHexString(buffer.WrittenSpan).ShouldBe("00000004" + "03" + "00000002" + "00010000");
    }

    [Fact]
    public void Poll_IsAWholeFrame_OfNoSlot()
    {
        var buffer = new ArrayBufferWriter<byte>();
        FrameFormat.WritePoll(buffer, TimeSpan.FromMicroseconds(150));
        Convert.ToHexString(buffer.WrittenSpan).ShouldBe("00000004" + "05" + "00000000" + "00000096");
    }

    [Fact]
    public void InvokeHead_HasLengthOfHeadAndPayload()
    {
        var buffer = new ArrayBufferWriter<byte>();

        FrameFormat.WriteInvokeHead(buffer, 7, 1234567890123, ["id", "arn", "träce", "", "", "tenant"], payloadLength: 100);

        var bytes = buffer.WrittenSpan;
        BinaryPrimitives.ReadUInt32BigEndian(bytes).ShouldBe((uint)(bytes.Length - FrameFormat.HeaderSize + 100));
        bytes[4].ShouldBe((byte)FrameType.Invoke);
        BinaryPrimitives.ReadUInt32BigEndian(bytes[5..]).ShouldBe(7u);
        BinaryPrimitives.ReadInt64BigEndian(bytes[9..]).ShouldBe(1234567890123);
        var at = 17;
        foreach (var expected in new[] { "id", "arn", "träce", "", "", "tenant" })
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            Encoding.UTF8.GetString(bytes.Slice(at + 2, length)).ShouldBe(expected);
            at += 2 + length;
        }

        at.ShouldBe(bytes.Length);
    }

    [Theory]
    [InlineData(0u, 16, true)]
    [InlineData(16u * 1024 * 1024, 18, true)]
    [InlineData(16u * 1024 * 1024 + 1, 18, false)]
    [InlineData(uint.MaxValue, 19, false)]
    [InlineData(0u, 1, false)]
    [InlineData(0u, 15, false)]
    [InlineData(0u, 20, true)]
    [InlineData(0u, 22, true)]
    [InlineData(0u, 23, true)]
    [InlineData(0u, 24, false)]
    [InlineData(0u, 3, false)]
    [InlineData(0u, 255, false)]
    public void Header_IsTakenOnlyWhenAShimMaySendIt(uint length, byte type, bool possible)
    {
        var header = new byte[FrameFormat.HeaderSize];
        BinaryPrimitives.WriteUInt32BigEndian(header, length);
        header[4] = type;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(5), uint.MaxValue);

        FrameFormat.TryReadHeader(header, out _, out _, out var slot).ShouldBe(possible);
        slot.ShouldBe(int.MaxValue);
    }
}
