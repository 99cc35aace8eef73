using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Stems;

/// <summary>
/// A program that has loaded what functions commonly need and is forked for each stem, so that they share its memory, and before that for the <see cref="Cell"/> of each. It knows no function, no secret and
/// no user's data. What it forked ends with it.
/// </summary>
internal sealed class Zygote : IDisposable
{
    private readonly PacketSocket _packets;
    private readonly Action _kill;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<SafeFileHandle>> _waiting = new();
    private readonly ConcurrentDictionary<int, Action<int>> _ends = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _requests;
    private int _programs;
    private volatile bool _ended;
    private int _living = 1;

    /// <summary>Takes over the socket of one that was started.</summary>
    /// <param name="socket">Our end.</param>
    /// <param name="kill">Ends it.</param>
    internal Zygote(Socket socket, Action kill)
    {
        _packets = new(socket);
        _kill = kill;
        new Thread(Read, 256 * 1024) { Name = "zygote", IsBackground = true }.Start();
    }

    /// <summary>How many programs it was asked for.</summary>
    internal int Programs => Volatile.Read(ref _programs);

    /// <summary>Whether it is gone.</summary>
    internal bool HasEnded => _ended;

    /// <summary>Completes when it has loaded everything; fails when it ended before.</summary>
    internal Task Ready => _ready.Task;

    /// <summary>Forks it.</summary>
    /// <param name="make">Makes the request of its number.</param>
    /// <param name="descriptors">What goes with it.</param>
    /// <param name="ended">Is told the exit status of a program.</param>
    /// <returns>The descriptor of the process, which is the caller's.</returns>
    /// <exception cref="StartRefusedException">It could not be forked.</exception>
    internal Task<SafeFileHandle> ForkAsync(Func<int, ForkRequest> make, ReadOnlySpan<int> descriptors, Action<int>? ended = null)
    {
        var id = Interlocked.Increment(ref _requests);
        if (ended is not null)
        {
            _ends[id] = ended;
            Interlocked.Increment(ref _programs);
        }

        var done = _waiting[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _packets.Send(JsonSerializer.SerializeToUtf8Bytes(make(id), ZygoteJson.Default.ForkRequest), descriptors);
        }
        catch (IOException)
        {
            Fail(id, "The zygote has ended.");
        }

        if (_ended)
        {
            Fail(id, "The zygote has ended.");
        }

        return done.Task;
    }

    /// <summary>Something is about to be forked; <see cref="Leave"/> follows when that has ended.</summary>
    internal void Enter() => Interlocked.Increment(ref _living);

    /// <summary>What it forked has ended, or was not forked at all: a retired one ends with its last.</summary>
    internal void Leave()
    {
        if (Interlocked.Decrement(ref _living) == 0)
        {
            Dispose();
        }
    }

    /// <summary>It is asked for no more.</summary>
    internal void Retire() => Leave();

    /// <summary>Ends it, and all that it forked.</summary>
    public void Dispose()
    {
        _kill();
        _packets.Dispose();
    }

    private void Read()
    {
        var why = "it closed its socket";
        try
        {
            while (_packets.Receive(out var descriptors) is { } body)
            {
                if (JsonSerializer.Deserialize(body, ZygoteJson.Default.ForkAnswer) is not { } answer)
                {
                    break;
                }

                if (answer.Ready)
                {
                    _ready.TrySetResult();
                }
                else if (answer.Code is { } code)
                {
                    if (_ends.TryRemove(answer.Id, out var ended))
                    {
                        ended(code);
                    }
                }
                else if (_waiting.TryRemove(answer.Id, out var waiting) && descriptors.Count == 1 && answer.Error is null)
                {
                    waiting.TrySetResult(new(descriptors[0], ownsHandle: true));
                }
                else
                {
                    PacketSocket.CloseAll(descriptors);
                    waiting?.TrySetException(new StartRefusedException($"It could not be forked: {answer.Error ?? "no descriptor came"}"));
                }
            }
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            why = e.Message;
        }

        _ended = true;
        _ready.TrySetException(new StartRefusedException($"The zygote ended as it loaded: {why}."));
        _ = _ready.Task.Exception;
        foreach (var id in _waiting.Keys)
        {
            Fail(id, "The zygote has ended.");
        }
    }

    private void Fail(int id, string why)
    {
        _ends.TryRemove(id, out _);
        if (_waiting.TryRemove(id, out var waiting))
        {
            waiting.TrySetException(new StartRefusedException(why));
        }
    }
}
