using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Mayfly.Fuzz.Serving;
using Mayfly.Server.Tests.Architecture;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>
/// What a warm call allocates in the whole server, from the client's bytes to the program's and back, is written down in
/// <c>bench/allocations.json</c> and must not grow. The client and the program of the test allocate nothing.
/// </summary>
[Collection(nameof(Alone))]
public sealed class WarmAllocationTests
{
    private const int Calls = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly byte[] Answer = FrameProgram.Frame(18, 1, """{"statusCode": 200, "headers": {"content-type": "application/json"}, "body": "\"Hello World!\""}"""u8.ToArray());

    [Theory]
    [InlineData("functionUrl", "GET /_url/frames/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")]
    [InlineData("invoke", "POST /2015-03-31/functions/frames/invocations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 7\r\n\r\n{\"a\":1}")]
    public async Task AWarmCall_AllocatesNoMoreThanIsWrittenDown(string door, string request)
    {
        Repository.NeedSources();
        using var written = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "bench/allocations.json"), TestContext.Current.CancellationToken));
        var most = written.RootElement.GetProperty(door).GetInt64() * 1.1;

        await using var server = await FuzzServer.StartAsync();
        server.Sandboxd.Program = static (_, channel, _) =>
        {
            Serve(channel!);
            return Task.CompletedTask;
        };

        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30_000 };
        client.Connect(IPAddress.Loopback, server.Port);
        var (bytes, buffer, least) = (Encoding.ASCII.GetBytes(request), new byte[64 * 1024], long.MaxValue);

        // The least of many batches: the first ones run in code that is not optimised yet, and on a busy machine that lasts.
        for (var started = Stopwatch.StartNew(); least > most && started.Elapsed < Patience;)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var call = 0; call < Calls; call++)
            {
                Call(client, bytes, buffer);
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / Calls);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{door}: {least} bytes a call"));
        least.ShouldBeLessThanOrEqualTo((long)most, "a warm call allocates more than bench/allocations.json says");
    }

    private static void Call(Socket client, byte[] request, byte[] buffer)
    {
        client.Send(request);
        var read = 0;
        do
        {
            read += client.Receive(buffer, read, buffer.Length - read, SocketFlags.None);
        }
        while (!Complete(buffer.AsSpan(0, read)));
        buffer.AsSpan(9, 3).SequenceEqual("200"u8).ShouldBeTrue();
    }

    private static bool Complete(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        var length = answer.IndexOf("Content-Length: "u8);
        return head >= 0 && length >= 0
            && System.Buffers.Text.Utf8Parser.TryParse(answer[(length + 16)..], out int body, out _)
            && answer.Length >= head + 4 + body;
    }

    // A program that has said that it is ready answers whatever comes.
    private static void Serve(Socket channel)
    {
        channel.Send(FrameProgram.Frame(16, 0, []));
        for (var buffer = new byte[64 * 1024]; channel.Receive(buffer) > 0;)
        {
            channel.Send(Answer);
        }
    }
}
