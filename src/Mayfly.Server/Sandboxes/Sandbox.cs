using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Server.Sandboxes;

/// <summary>A running sandbox as the server sees it. What it reads and writes is the owner's to close.</summary>
public sealed class Sandbox : IAsyncDisposable
{
    private readonly Func<SandboxdMessage, bool> _send;
    private readonly CgroupFile? _peakMemory;
    private readonly SandboxFreezer? _freezer;
    private readonly TaskCompletionSource<SandboxExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<TaskCompletionSource<Socket>> _dialing = new();
    private long _maxMemoryBytes;

    internal Sandbox(StartedMessage started, IReadOnlyList<int> descriptors, Func<SandboxdMessage, bool> send)
    {
        _send = send;
        Id = started.Id;
        Pid = started.Pid;
        Steps = started.Steps;
        Uid = (uint)started.Uid;
        HasOwnUser = started.HasOwnUser;
        for (var i = 0; i < descriptors.Count; i++)
        {
            switch (started.Descriptors[i])
            {
                case PassedDescriptor.Output:
                    Output = new SafeFileHandle(descriptors[i], ownsHandle: true);
                    break;
                case PassedDescriptor.Channel:
                    Channel = new Socket(new SafeSocketHandle(descriptors[i], ownsHandle: true));
                    break;
                case PassedDescriptor.Listener:
                    Listener = new Socket(new SafeSocketHandle(descriptors[i], ownsHandle: true));
                    break;
                case PassedDescriptor.Doors:
                    Doors = new Socket(new SafeSocketHandle(descriptors[i], ownsHandle: true));
                    break;
                case PassedDescriptor.NameDatagrams:
                    NameDatagrams = new Socket(new SafeSocketHandle(descriptors[i], ownsHandle: true));
                    break;
                case PassedDescriptor.NameConnections:
                    NameConnections = new Socket(new SafeSocketHandle(descriptors[i], ownsHandle: true));
                    break;
                case PassedDescriptor.ExtensionOutput:
                    ExtensionOutput = new SafeFileHandle(descriptors[i], ownsHandle: true);
                    break;
                case PassedDescriptor.Control:
                    Control = new Socket(new SafeSocketHandle(descriptors[i], ownsHandle: true));
                    break;
                case PassedDescriptor.PeakMemory:
                    _peakMemory = new CgroupFile(new SafeFileHandle(descriptors[i], ownsHandle: true));
                    break;
                case PassedDescriptor.FreezerState or PassedDescriptor.CgroupFreeze:
                    _freezer = new SandboxFreezer(new CgroupFile(new SafeFileHandle(descriptors[i], ownsHandle: true)), started.Descriptors[i]);
                    break;
            }
        }

        Output ??= new SafeFileHandle();
    }

    /// <summary>The id that it was started with.</summary>
    public string Id { get; }

    /// <summary>Its outermost process on the host.</summary>
    public int Pid { get; }

    /// <summary>What its start was made of.</summary>
    public StartSteps Steps { get; }

    /// <summary>The user whom its connections come from.</summary>
    public uint Uid { get; }

    /// <summary>Whether no other sandbox and nobody else is that user, so that a connection's user tells who calls.</summary>
    public bool HasOwnUser { get; }

    /// <summary>Our end of descriptor 3 inside; <see langword="null"/> when none was asked for.</summary>
    public Socket? Channel { get; }

    /// <summary>The read end of its standard output and error. It does not block.</summary>
    public SafeFileHandle Output { get; }

    /// <summary>Listens on <c>127.0.0.1:9001</c> of its own network; <see langword="null"/> where it has none that sandboxd made.</summary>
    public Socket? Listener { get; }

    /// <summary>Listens on <c>127.0.0.1:4566</c> of its own network, where <see cref="Listener"/> is there too.</summary>
    public Socket? Doors { get; }

    /// <summary>Gets its questions for names over UDP where they have to be relayed.</summary>
    internal Socket? NameDatagrams { get; }

    /// <summary>Listens for them on TCP.</summary>
    internal Socket? NameConnections { get; }

    /// <summary>The read end of what extensions print. It does not block. <see langword="null"/> when none was asked for.</summary>
    public SafeFileHandle? ExtensionOutput { get; }

    /// <summary>Our end of descriptor 5 inside; <see langword="null"/> when none was asked for.</summary>
    public Socket? Control { get; }

    /// <summary>Completes when nothing of it is left.</summary>
    public Task<SandboxExit> Exited => _exited.Task;

    /// <summary>Its highest memory use so far, in bytes; also after its end.</summary>
    public long ReadPeakMemoryBytes()
    {
        if (Exited.IsCompleted && _maxMemoryBytes > 0)
        {
            return _maxMemoryBytes;
        }

        if (_peakMemory is null)
        {
            _maxMemoryBytes = Math.Max(_maxMemoryBytes, ProcessTree.PeakResidentBytes(Pid));
            return _maxMemoryBytes;
        }

        var bytes = _peakMemory.ReadNumber();
        return bytes > 0 ? bytes : _maxMemoryBytes;
    }

    /// <summary>Whether the kernel can stop and resume it.</summary>
    public bool CanFreeze => _freezer is not null;

    /// <summary>Stops all its processes where they are, unless its end has begun. A matter of microseconds; they stop a moment later.</summary>
    public void Freeze() => _freezer?.Freeze();

    /// <summary>Lets its processes run on. A matter of microseconds.</summary>
    public void Thaw() => _freezer?.Thaw();

    /// <summary>Asks its program to end by SIGTERM, and kills what is left of it after <paramref name="grace"/>.</summary>
    public async ValueTask TerminateAsync(TimeSpan grace, TimeProvider time)
    {
        _freezer?.ThawForGood();
        if (!Exited.IsCompleted && _send(new TerminateMessage(Id)))
        {
            await ((Task)Exited).WaitAsync(grace, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await KillAsync();
    }

    /// <summary>Kills everything in it and waits until nothing is left.</summary>
    public async ValueTask KillAsync()
    {
        _freezer?.ThawForGood();
        if (!Exited.IsCompleted)
        {
            _send(new KillMessage(Id));
        }

        await Exited;
    }

    /// <summary>Kills it and closes what was passed.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Channel?.Dispose();
        Listener?.Dispose();
        Doors?.Dispose();
        NameDatagrams?.Dispose();
        NameConnections?.Dispose();
        Output.Dispose();
        ExtensionOutput?.Dispose();
        Control?.Dispose();
        _peakMemory?.Dispose();
    }

    /// <summary>Connects to a port on the loopback of its own network.</summary>
    /// <exception cref="SocketException">Nothing listens there.</exception>
    public async Task<Socket> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var made = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        _dialing.Enqueue(made);
        if (Exited.IsCompleted || !_send(new DialMessage(Id)))
        {
            FailDialing();
        }

        var socket = await made.Task;
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>sandboxd made a socket, or could not.</summary>
    internal void OnDialed(int? descriptor)
    {
        var socket = descriptor is { } number ? new Socket(new SafeSocketHandle(number, ownsHandle: true)) : null;
        if (!_dialing.TryDequeue(out var waiting))
        {
            socket?.Dispose();
        }
        else if (socket is null)
        {
            waiting.TrySetException(new SocketException((int)SocketError.NetworkDown));
        }
        else
        {
            waiting.TrySetResult(socket);
        }
    }

    private void FailDialing()
    {
        while (_dialing.TryDequeue(out var waiting))
        {
            waiting.TrySetException(new SocketException((int)SocketError.NetworkDown));
        }
    }

    internal void End(SandboxExit exit, long maxMemory)
    {
        _freezer?.Dispose();
        _maxMemoryBytes = Math.Max(_maxMemoryBytes, maxMemory);
        _exited.TrySetResult(exit);
        FailDialing();
    }
}
