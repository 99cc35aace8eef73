using System.Text;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Invocation;

public sealed class ResponseStreamTests
{
    private static readonly byte[] Full = new byte[ResponseStream.Window];

    [Fact]
    public async Task WhatIsWritten_IsReadInOrder_AndThenTheEnd()
    {
        var stream = new ResponseStream();
        stream.ContentType.ShouldBeNull();
        stream.Begin("", null);
        stream.ContentType.ShouldBe("application/octet-stream");
        stream.Write("one"u8.ToArray());
        stream.Write("two"u8.ToArray());
        stream.End();
        (await ReadAllAsync(stream)).ShouldBe("one|two");
        stream.HasEnded.ShouldBeTrue();
    }

    [Fact]
    public async Task Reader_WaitsForBytes_AndForTheEnd()
    {
        var stream = new ResponseStream();
        stream.Begin("text/plain", null);
        var reading = ReadAllAsync(stream);
        stream.Write("one"u8.ToArray());
        reading.IsCompleted.ShouldBeFalse();
        stream.End();
        (await reading).ShouldBe("one");
    }

    [Fact]
    public async Task WholeStream_EndsForItsReader_BeforeTheInvocationDoes()
    {
        var stream = new ResponseStream();
        stream.Begin("", null);
        var reading = ReadAllAsync(stream);
        stream.Write("one"u8.ToArray());
        stream.Complete();
        (await reading).ShouldBe("one");
        (stream.IsWhole, stream.HasEnded).ShouldBe((true, false));
    }

    [Fact]
    public async Task Writer_WaitsWhileTheWindowIsUnread()
    {
        var stream = new ResponseStream();
        stream.Begin("", null);
        stream.WaitForRoomAsync(default).IsCompletedSuccessfully.ShouldBeTrue();
        stream.Write(Full);
        var room = stream.WaitForRoomAsync(default).AsTask();
        (await stream.ReadAsync(default)).Length.ShouldBe(Full.Length);

        // What is in the reader's hands still counts: it is taken when the reader asks for more.
        room.IsCompleted.ShouldBeFalse();
        var next = stream.ReadAsync(default).AsTask();
        await room;
        next.IsCompleted.ShouldBeFalse();
        stream.End();
        (await next).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task ReaderWhoLeaves_FreesTheWriter_AndBytesAreThrownAway()
    {
        var taken = 0;
        var stream = new ResponseStream();
        stream.Begin("", bytes => taken += bytes);
        stream.Write(Full);
        await stream.ReadAsync(default);
        var room = stream.WaitForRoomAsync(default).AsTask();
        stream.Abandon();
        await room;
        for (var i = 0; i < 10; i++)
        {
            stream.Write(Full);
            stream.WaitForRoomAsync(default).IsCompletedSuccessfully.ShouldBeTrue();
        }

        taken.ShouldBe(11 * Full.Length);
        stream.End();
        (await stream.ReadAsync(default)).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task EndedInvocation_FreesAWaitingWriter_AndLateBytesDoNotCount()
    {
        var stream = new ResponseStream();
        stream.Begin("", null);
        stream.Write(Full);
        var room = stream.WaitForRoomAsync(default).AsTask();
        stream.End();
        await room;
        stream.Write("late"u8.ToArray());
        (await stream.ReadAsync(default)).Length.ShouldBe(Full.Length);
        (await stream.ReadAsync(default)).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task BytesOverTheLimit_AreLost_AndTheStreamSaysSo()
    {
        var taken = 0;
        var stream = new ResponseStream(limit: 6);
        stream.Begin("", bytes => taken += bytes);
        stream.Write("123"u8.ToArray());
        stream.Write("456"u8.ToArray());
        stream.IsOverLimit.ShouldBeFalse();
        stream.Write("7"u8.ToArray());
        stream.IsOverLimit.ShouldBeTrue();
        taken.ShouldBe(1);
        stream.End();
        (await ReadAllAsync(stream)).ShouldBe("123|456");
        new ResponseStream().Limit.ShouldBe(200L * 1024 * 1024);
    }

    [Fact]
    public void CollectingStream_KeepsAll_AndNeverHoldsTheWriterUp()
    {
        var taken = 0;
        var stream = ResponseStream.Collecting();
        stream.Begin("", bytes => taken += bytes);
        stream.Write(Full);
        stream.Write("end"u8.ToArray());
        stream.WaitForRoomAsync(default).IsCompletedSuccessfully.ShouldBeTrue();
        taken.ShouldBe(Full.Length + 3);
        stream.Collected().Length.ShouldBe(Full.Length + 3);
        Encoding.UTF8.GetString(stream.Collected().Span[^3..]).ShouldBe("end");
        for (var sent = 0; sent < InvocationLimits.MaxResponse; sent += Full.Length)
        {
            stream.Write(Full);
        }

        stream.IsOverLimit.ShouldBeTrue();
        stream.Collected().IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task Frames_AreGrantedAsTheyAreTaken_AndRefusedBeyondTheWindow()
    {
        var granted = new List<int>();
        var stream = new ResponseStream();
        var frames = new FrameStream(granted.Add) { Target = stream };
        stream.Begin("", frames.OnTaken);
        var quarter = new byte[ResponseStream.Window / 4];
        for (var i = 0; i < 4; i++)
        {
            frames.TryWrite(quarter).ShouldBeTrue();
        }

        await stream.ReadAsync(default);
        granted.ShouldBeEmpty();
        await stream.ReadAsync(default);
        granted.ShouldBe([quarter.Length]);
        frames.TryWrite(quarter).ShouldBeTrue();
        frames.TryWrite(new byte[1]).ShouldBeFalse();
    }

    [Fact]
    public async Task FramesThatHaveEnded_GrantNothing()
    {
        var granted = new List<int>();
        var stream = new ResponseStream();
        var frames = new FrameStream(granted.Add) { Target = stream };
        stream.Begin("", frames.OnTaken);
        frames.TryWrite(Full).ShouldBeTrue();
        frames.Close();
        stream.End();
        (await ReadAllAsync(stream)).Length.ShouldBe(Full.Length);
        granted.ShouldBeEmpty();
    }

    private static async Task<string> ReadAllAsync(ResponseStream stream)
    {
        var pieces = new List<string>();
        while (await stream.ReadAsync(TestContext.Current.CancellationToken) is { IsEmpty: false } piece)
        {
            pieces.Add(Encoding.UTF8.GetString(piece.Span));
        }

        return string.Join('|', pieces);
    }
}
