using System.Buffers;
using System.Diagnostics;
using System.Text;
using Mayfly.Server.Dialects.Aws;

namespace Mayfly.Server.Tests.Dialects.Aws;

public sealed class EventStreamWriterTests
{
    // The vectors that the implementations of this format share.
    [Theory]
    [InlineData("", "", "", "000000100000000005c248eb7d98c8ff")]
    [InlineData("", "", "{'foo':'bar'}", "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936")]
    [InlineData("content-type", "application/json", "{'foo':'bar'}", "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1")]
    public void Messages_HaveThePublishedBytes(string name, string value, string payload, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        EventStreamWriter.Write(output, name.Length == 0 ? [] : [(name, value)], Encoding.UTF8.GetBytes(payload));
        Convert.ToHexStringLower(output.WrittenSpan).ShouldBe(expected);
    }

    [Fact]
    public async Task Events_AreReadByBotocore()
    {
        const string Python = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(Python) && await RunAsync(Python, "-c", "import botocore.eventstream") == "", "needs python3-botocore");
        using var folder = new TemporaryFolder();
        var output = new ArrayBufferWriter<byte>();
        var bytes = new byte[300_000];
        new Random(3).NextBytes(bytes);
        EventStreamWriter.WriteEvent(output, "PayloadChunk", "application/octet-stream", bytes);
        EventStreamWriter.WriteEvent(output, "PayloadChunk", "application/octet-stream", default);
        EventStreamWriter.WriteEvent(output, "InvokeComplete", "application/json", "{}"u8);
        var file = Path.Combine(folder, "stream");
        await File.WriteAllBytesAsync(file, output.WrittenSpan.ToArray());
        await File.WriteAllBytesAsync(file + ".payload", bytes);

        (await RunAsync(Python, "-c", $$"""
            from botocore.eventstream import EventStreamBuffer
            buffer, data, seen = EventStreamBuffer(), open('{{file}}', 'rb').read(), []
            for at in range(0, len(data), 777):
                buffer.add_data(data[at:at + 777])
                seen += list(buffer)
            assert [m.headers for m in seen] == [
                {':event-type': 'PayloadChunk', ':content-type': 'application/octet-stream', ':message-type': 'event'},
                {':event-type': 'PayloadChunk', ':content-type': 'application/octet-stream', ':message-type': 'event'},
                {':event-type': 'InvokeComplete', ':content-type': 'application/json', ':message-type': 'event'}], seen
            assert seen[0].payload == open('{{file}}.payload', 'rb').read()
            assert (seen[1].payload, seen[2].payload) == (b'', b'{}')
            """)).ShouldBe("");
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? "" : error + process.ExitCode;
    }
}
