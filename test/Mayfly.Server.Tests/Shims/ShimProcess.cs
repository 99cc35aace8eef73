using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Tests.Shims;

/// <summary>A shim as a real process, with a real socketpair on descriptor 3.</summary>
internal sealed partial class ShimProcess : IDisposable
{
    private static readonly Lazy<string> Unpacked = new(() =>
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "shims-unpacked");
        ShimsArchive.UnpackTo(folder);
        return folder;
    });

    private readonly Socket socket;
    private readonly StringBuilder output = new();
    private readonly Task reading;

    private ShimProcess(Process process, Socket socket)
    {
        Process = process;
        this.socket = socket;
        reading = Task.WhenAll(CollectAsync(process.StandardOutput), CollectAsync(process.StandardError));
    }

    public Process Process { get; }

    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    public static string ShimsFolder => Unpacked.Value;

    public static ShimProcess Start(RuntimeCatalog catalog, string runtime, string handler, string codeFolder, params (string Key, string Value)[] environment)
    {
        catalog.TryPlan(new FunctionConfig { Runtime = runtime, Handler = handler }, out var plan, out var missing).ShouldBeTrue(missing);
        var pair = new int[2];
        socketpair(1, 1 | 0x80000, 0, pair).ShouldBe(0);

        // The shell moves the descriptor: a process of .NET has no way to pass one on.
        string Real(string text) => text.Replace("/var/task", codeFolder, StringComparison.Ordinal).Replace("/var/runtime", Path.Combine(ShimsFolder, plan!.Shim!), StringComparison.Ordinal);
        var clone = fcntl(pair[1], 0, 100);
        var start = new ProcessStartInfo("/bin/bash") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = codeFolder };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec 3<>/dev/null; exec 3>&{clone} {clone}>&- ; exec \"$@\"");
        start.ArgumentList.Add("shim");
        foreach (var word in plan!.Command)
        {
            start.ArgumentList.Add(Real(word));
        }

        start.Environment.Clear();
        foreach (var (key, value) in plan.Environment)
        {
            start.Environment[key] = Real(value);
        }

        start.Environment["_HANDLER"] = handler;
        start.Environment["LAMBDA_TASK_ROOT"] = codeFolder;
        start.Environment["AWS_LAMBDA_FUNCTION_NAME"] = "hello";
        start.Environment["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST";
        start.Environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "128";
        start.Environment["AWS_LAMBDA_LOG_GROUP_NAME"] = "/aws/lambda/hello";
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start)!;
        close(clone);
        close(pair[1]);
        return new(process, new Socket(new SafeSocketHandle(pair[0], ownsHandle: true)) { ReceiveTimeout = 20_000 });
    }

    public static ShimProcess StartReady(RuntimeCatalog catalog, string runtime, string handler, string codeFolder, params (string Key, string Value)[] environment)
    {
        var shim = Start(catalog, runtime, handler, codeFolder, environment);
        var (type, _, payload) = shim.Receive();
        type.ShouldBe((byte)16, payload + "\n" + shim.Output);
        return shim;
    }

    public void Send(byte type, int slot, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        frame[4] = type;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), slot);
        payload.CopyTo(frame.AsSpan(9));
        for (var sent = 0; sent < frame.Length;)
        {
            sent += socket.Send(frame.AsSpan(sent));
        }
    }

    public void SendInvoke(string @event, int slot = 1, string requestId = "r-1", string clientContext = "", string identity = "", string trace = "Root=1-2;Sampled=1", string tenant = "")
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
        Send(1, slot, payload.ToArray());
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

    public JsonElement ReceiveInitError()
    {
        var (type, slot, payload) = Receive();
        type.ShouldBe((byte)17, payload);
        slot.ShouldBe(0);
        ExitCode().ShouldBeOneOf(1, 128, 129);
        return JsonSerializer.Deserialize<JsonElement>(payload);
    }

    public int ExitCode()
    {
        Process.WaitForExit(20_000).ShouldBeTrue();
        reading.Wait(20_000).ShouldBeTrue();
        return Process.ExitCode;
    }

    /// <summary>Stops the shim and returns all that it printed.</summary>
    public string Stop()
    {
        Send(2, 0, []);
        ExitCode().ShouldBe(0);
        return Output;
    }

    public void Close() => socket.Dispose();

    public void Dispose()
    {
        socket.Dispose();
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
        }

        Process.Dispose();
    }

    // Not by lines: a carriage return must arrive as it was written.
    private async Task CollectAsync(StreamReader reader)
    {
        var buffer = new char[4096];
        for (int read; (read = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
        {
            lock (output)
            {
                output.Append(buffer, 0, read);
            }
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
            catch (SocketException e)
            {
                throw new InvalidOperationException("no answer; the shim printed: " + Output, e);
            }

            have += read > 0 ? read : throw new InvalidOperationException("the shim is gone; it printed: " + Output);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int domain, int type, int protocol, [Out] int[] pair);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
