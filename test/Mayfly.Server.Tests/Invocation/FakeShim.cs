using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Sandboxes;
using Mayfly.Server.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>The program's side of an instance, played by the test frame by frame.</summary>
internal sealed class FakeShim : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FunctionLogs _logs;
    private readonly Socket _wire;
    private readonly Sandbox _sandbox;

    private FakeShim(int slots, Socket server, Socket wire, Action<Slot>? onFree)
    {
        _wire = wire;
        _wire.ReceiveTimeout = 20_000;
        _logs = new(_folder, NullLogger<FunctionLogs>.Instance);
        Sandbox? sandbox = null;
        _sandbox = sandbox = new(new StartedMessage("fake", 1, 0, HasOwnUser: false, []), [], _ =>
        {
            sandbox!.End(new SandboxExit(137, OutOfMemory: false), 0);
            return true;
        });
        var key = new FunctionKey("000000000000", "us-east-1", "fake");
        var revision = new Revision { Id = "r", Function = key, Config = new() { Runtime = "any", Concurrency = slots }, Code = new(new string('0', 64), 1), LastModified = DateTimeOffset.UnixEpoch };
        Instance = new(revision, _sandbox, new FrameChannel(server), new(new SafeFileHandle(), key, "fake", _logs, TimeProvider.System), TimeProvider.System, freezes: false)
        {
            Extensions = new(revision, _sandbox, [], null, TimeProvider.System),
        };
        Instance.Begin(onFree ?? Free.Add, 0, new(InitPhase.First, TimeSpan.FromSeconds(20)));
        Send(16, 0);
        Instance.Initialized.Wait(TimeSpan.FromSeconds(20)).ShouldBeTrue();

        // It has initialised a moment before its slots are free.
        SpinWait.SpinUntil(() => onFree is not null || Free.Count == slots, TimeSpan.FromSeconds(20)).ShouldBeTrue();
    }

    public Instance Instance { get; }

    /// <summary>Every slot that became free, each time that it did.</summary>
    public System.Collections.Concurrent.ConcurrentBag<Slot> Free { get; } = [];

    /// <summary>Whether the instance was ended.</summary>
    public Task<SandboxExit> Ended => _sandbox.Exited;

    public static async Task<FakeShim> StartAsync(int slots = 1, Action<Slot>? onFree = null)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var wire = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await wire.ConnectAsync(listener.LocalEndpoint);
        return new(slots, await listener.AcceptSocketAsync(), wire, onFree);
    }

    /// <summary>Hands an invocation over and takes its frame.</summary>
    public async Task<(ActiveInvocation Invocation, Task<Answer> Answer)> InvokeAsync(ResponseStream? stream, int slot = 1, TimeSpan? limit = null)
    {
        var invocation = new ActiveInvocation { RequestId = "id", FunctionArn = "arn", TraceId = "trace", DeadlineMs = 0, Payload = "{}"u8.ToArray(), Stream = stream };
        var answer = Instance.ExchangeAsync(Instance.Slots[slot - 1], invocation, limit ?? TimeSpan.FromSeconds(30)).AsTask();
        (await ReceiveAsync()).ShouldBe((1, slot));
        return (invocation, answer);
    }

    public void Send(byte type, int slot, string payload = "") => Send(type, slot, Encoding.UTF8.GetBytes(payload));

    public void Send(byte type, int slot, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        frame[4] = type;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), slot);
        payload.CopyTo(frame, 9);
        for (var sent = 0; sent < frame.Length;)
        {
            sent += _wire.Send(frame.AsSpan(sent));
        }
    }

    /// <summary>Takes a frame from the server and throws its payload away.</summary>
    public async Task<(int Type, int Slot)> ReceiveAsync()
    {
        using var stream = new NetworkStream(_wire);
        var header = new byte[9];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await stream.ReadExactlyAsync(header, limit.Token);
        await stream.ReadExactlyAsync(new byte[BinaryPrimitives.ReadInt32BigEndian(header)], limit.Token);
        return (header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)));
    }

    public async ValueTask DisposeAsync()
    {
        await Instance.StopAsync();
        _wire.Dispose();
        await _logs.DisposeAsync();
        _folder.Dispose();
    }
}
