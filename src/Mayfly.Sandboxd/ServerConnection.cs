using System.Collections.Concurrent;
using System.ComponentModel;
using System.Net.Sockets;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Stems;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd;

/// <summary>One connected server and its sandboxes. When it goes, they go.</summary>
internal sealed class ServerConnection(MessageSocket socket, SandboxStarter starter, StemPools stems, HelloMessage hello, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, RunningSandbox> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> _lives = new();
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Serves until the other side closes. Blocks the thread; all sandboxes have ended when it returns.</summary>
    internal void Serve()
    {
        try
        {
            socket.Send(hello);
            while (socket.Receive(out var descriptors) is { } message)
            {
                foreach (var descriptor in descriptors)
                {
                    // A server has nothing to pass to us.
                    Native.LibC.Close(descriptor);
                }

                Handle(message);
            }
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"sandboxd: {e.Message}");
        }
        finally
        {
            _closing.Cancel();
            socket.Dispose();
            KillAll();
        }
    }

    private void Handle(SandboxdMessage message)
    {
        switch (message)
        {
            case StartMessage { Spec: { } spec }:
                Track(LiveAsync(spec));
                break;
            case KillMessage { Id: { } id } when _running.TryGetValue(id, out var sandbox):
                sandbox.Kill();
                break;
            case TerminateMessage { Id: { } id } when _running.TryGetValue(id, out var sandbox):
                sandbox.Terminate();
                break;
            case StemsMessage { Orders: { } orders }:
                stems.Apply(orders, count => TrySend(count, []));
                break;
            case DialMessage { Id: { } id }:
                Track(DialAsync(id));
                break;
            case KillMessage or TerminateMessage:
                break;
            default:
                throw new IOException("The server sent a message that only sandboxd sends.");
        }
    }

    private void Track(Task life)
    {
        _lives[life] = true;
        _ = life.ContinueWith(done => _lives.TryRemove(done, out _), TaskScheduler.Default);
    }

    /// <summary>The whole life of a sandbox, from being asked for to being cleared away.</summary>
    private async Task LiveAsync(SandboxSpec spec)
    {
        RunningSandbox sandbox;
        try
        {
            if (spec.Id is null || _running.ContainsKey(spec.Id))
            {
                throw new StartRefusedException("The sandbox was refused: its id is in use.");
            }

            sandbox = spec.ForkOf is { } name
                ? await starter.ForkAsync(_running.GetValueOrDefault(name) ?? throw new StartRefusedException("The template has ended."), spec)
                : await starter.StartAsync(spec, _closing.Token);
        }
        catch (Exception e) when (e is StartRefusedException or OperationCanceledException)
        {
            TrySend(new FailedMessage(spec.Id ?? "", e.Message), []);
            return;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"sandboxd: a start failed: {e}");
            TrySend(new FailedMessage(spec.Id ?? "", $"The sandbox could not be started: {e.Message}"), []);
            return;
        }

        _running[sandbox.Id] = sandbox;
        var kinds = sandbox.Ends.Ours.Select(o => o.Kind).ToList();
        int[] descriptors = [.. sandbox.Ends.Ours.Select(o => (int)o.Handle.DangerousGetHandle())];
        var told = TrySend(new StartedMessage(sandbox.Id, sandbox.Pid, sandbox.Uid, sandbox.HasOwnUser, kinds, sandbox.Steps), descriptors);
        sandbox.Ends.Dispose();
        if (!told || _closing.IsCancellationRequested)
        {
            sandbox.Kill();
        }

        var watch = sandbox.Leaf is null ? MemoryWatch.RunAsync(sandbox, spec.MemoryMb * 1024L * 1024L, time) : Task.CompletedTask;
        _ = sandbox.SettleAsync(time);
        var exited = await sandbox.WaitAsync(time);
        await watch;
        _running.TryRemove(sandbox.Id, out _);
        TrySend(exited, []);
    }

    private async Task DialAsync(string id)
    {
        Socket? made = null;
        try
        {
            made = _running.TryGetValue(id, out var sandbox) && sandbox.Dial is { } dial ? await dial() : null;
        }
        catch (Exception e) when (e is Win32Exception or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It has ended in this moment, or we do.
        }

        using (made)
        {
            TrySend(new DialedMessage(id, made is not null), made is null ? [] : [(int)made.Handle]);
        }
    }

    private bool TrySend(SandboxdMessage message, int[] descriptors)
    {
        try
        {
            socket.Send(message, descriptors);
            return true;
        }
        catch (IOException)
        {
            // The reading side sees the same end and kills everything.
            return false;
        }
    }

    private void KillAll()
    {
        foreach (var sandbox in _running.Values)
        {
            sandbox.Kill();
        }

        // Starts that were under way kill themselves, since the connection is closing.
        Task.WhenAll([stems.CloseAsync(), .. _lives.Keys]).ContinueWith(_ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
    }
}
