using System.Text;
using System.Text.Json;
using Mayfly.Server.Resources.EventSources;

namespace Mayfly.Server.Tests.Resources.EventSources;

public sealed class BatchBuilderTests
{
    [Fact]
    public void Payload_IsTheRecordsInTheirOrder()
    {
        var builder = new BatchBuilder(3, SqsRecordJson.Head, SqsRecordJson.Tail);
        builder.TryAdd(Message("a", 10)).ShouldBeTrue();
        builder.TryAdd(Message("b", 20)).ShouldBeTrue();
        builder.IsFull.ShouldBeFalse();
        builder.TryAdd(Message("c", 30)).ShouldBeTrue();
        builder.IsFull.ShouldBeTrue();
        builder.TryAdd(Message("d", 40)).ShouldBeFalse();

        using var payload = JsonDocument.Parse(builder.Payload());
        payload.RootElement.GetProperty("Records").EnumerateArray().Select(static record => record.GetString()!.Trim('x').Length).ShouldBe([0, 0, 0]);
        payload.RootElement.GetProperty("Records").EnumerateArray().Select(static record => record.GetString()!.Length).ShouldBe([8, 18, 28]);
    }

    [Fact]
    public void Bytes_AreCountedToTheLast()
    {
        const int around = 14;
        var room = EventSourceMapping.MaxPayload - around - 100 - 1;
        Gather(100, room).ShouldBe([100, room]);
        Gather(100, room + 1).ShouldBe([100]);
        Gather(EventSourceMapping.MaxPayload * 2, 10).ShouldBe([EventSourceMapping.MaxPayload * 2], "the first is taken however large it is");

        static int[] Gather(params int[] sizes)
        {
            var builder = new BatchBuilder(10, SqsRecordJson.Head, SqsRecordJson.Tail);
            var taken = sizes.TakeWhile(size => builder.TryAdd(Message("m", size))).ToArray();
            builder.Payload().Length.ShouldBe(around + taken.Sum() + taken.Length - 1);
            return taken;
        }
    }

    private static SourceMessage Message(string id, int size) => new(id, id, Encoding.UTF8.GetBytes($"\"{new string('x', size - 2)}\""));
}
