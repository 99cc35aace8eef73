using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Mayfly.Sandboxd;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Fuzz.Serving;

/// <summary>Speaks sandboxd's protocol and starts no process: what would be a program is a method of the fuzzer.</summary>
internal sealed partial class FakeSandboxd : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _running = new(StringComparer.Ordinal);

    public FakeSandboxd(string folder)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, SandboxdServer.SocketName)));
        _listener.Listen(1);
        new Thread(Serve) { IsBackground = true, Name = "fake sandboxd" }.Start();
    }

    /// <summary>Plays the program: its sandbox ends when this does.</summary>
    public Func<SandboxSpec, Socket?, CancellationToken, Task> Program { get; set; } = static (_, _, _) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();

    private void Serve()
    {
        try
        {
            using var messages = new MessageSocket(_listener.Accept());
            messages.Send(new HelloMessage("process", "none", []));
            while (messages.Receive(out _) is { } message)
            {
                if (message is StartMessage start)
                {
                    Start(messages, start.Spec);
                }
                else if (message is KillMessage kill && _running.TryGetValue(kill.Id, out var program))
                {
                    Kill(program);
                }
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private static void Kill(CancellationTokenSource program)
    {
        try
        {
            program.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in this moment.
        }
    }

    private void Start(MessageSocket messages, SandboxSpec spec)
    {
        Socket? inside = null;
        var stop = _running[spec.Id] = new();
        if (spec.Channel)
        {
            var pair = new int[2];
            _ = SocketPair(1, 1, 0, pair);
            using var outside = new Socket(new SafeSocketHandle(pair[0], ownsHandle: true));
            inside = new(new SafeSocketHandle(pair[1], ownsHandle: true));
            messages.Send(new StartedMessage(spec.Id, Environment.ProcessId, 0, HasOwnUser: false, [PassedDescriptor.Channel]), [pair[0]]);
        }
        else
        {
            messages.Send(new StartedMessage(spec.Id, Environment.ProcessId, 0, HasOwnUser: false, []));
        }

        _ = PlayAsync(messages, spec, inside, stop);
    }

    private async Task PlayAsync(MessageSocket messages, SandboxSpec spec, Socket? channel, CancellationTokenSource stop)
    {
        try
        {
            await Task.Run(() => Program(spec, channel, stop.Token));
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The server hung up, or killed it.
        }
        catch (Exception e)
        {
            Watch.Complain($"the program of the fuzzer broke: {e}");
        }

        channel?.Dispose();
        _running.TryRemove(spec.Id, out _);
        stop.Dispose();
        try
        {
            messages.Send(new ExitedMessage(spec.Id, new(0, OutOfMemory: false), 0));
        }
        catch (IOException)
        {
            // The server is gone.
        }
    }

    [LibraryImport("libc", EntryPoint = "socketpair")]
    private static partial int SocketPair(int domain, int type, int protocol, [Out] int[] pair);
}
