using System.Collections.Concurrent;
using System.Net.Sockets;
using Mayfly.Sandboxd;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Scaling;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Sandboxes;

/// <summary>The server's connection to sandboxd. It comes back by itself when sandboxd was restarted; the sandboxes of before are gone then.</summary>
public sealed partial class SandboxdClient : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private readonly string _socketPath;
    private readonly ILogger<SandboxdClient> _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _guard = new();
    private TaskCompletionSource<Connection> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Begins to connect to the socket in the store folder.</summary>
    /// <param name="storeFolder">The server's folder.</param>
    /// <param name="stems">How many stems are parked.</param>
    /// <param name="logger">Hears of the connection.</param>
    public SandboxdClient(string storeFolder, StemPolicy stems, ILogger<SandboxdClient> logger)
    {
        Stems = new(SendStems, stems, TimeProvider.System);
        // The working folder of a server is its store; the short name spares the 107 bytes of a socket's path.
        _socketPath = Environment.CurrentDirectory == Path.TrimEndingDirectorySeparator(storeFolder)
            ? SandboxdServer.SocketName
            : Path.Combine(storeFolder, SandboxdServer.SocketName);
        _logger = logger;
        new Thread(StayConnected) { IsBackground = true, Name = "sandboxd client" }.Start();
    }

    /// <summary>What sandboxd keeps parked.</summary>
    public StemStock Stems { get; }

    /// <summary>Which walls stand on this machine; <see langword="null"/> until sandboxd answered for the first time.</summary>
    public HelloMessage? Hello { get; private set; }

    /// <summary>Waits until sandboxd answers and returns which walls stand on this machine.</summary>
    public async Task<HelloMessage> WaitForHelloAsync(CancellationToken cancellationToken) =>
        (await CurrentAsync(cancellationToken)).Hello;

    /// <summary>Starts a sandbox; waits for sandboxd when it is just being restarted. A cancelled start leaves no sandbox behind.</summary>
    /// <param name="spec">What to start.</param>
    /// <param name="cancellationToken">Nobody wants it any more.</param>
    /// <param name="started">Gets the sandbox on the thread that all of sandboxd's messages come on, before this method returns: nobody changes threads. Must not wait.</param>
    /// <exception cref="SandboxException">It was not started.</exception>
    public async Task<Sandbox> StartAsync(SandboxSpec spec, CancellationToken cancellationToken, Action<Sandbox>? started = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var connection = await CurrentAsync(cancellationToken);
        var start = connection.Start(spec, started);
        try
        {
            return await start.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _ = DropAsync(start);
            throw;
        }
    }

    /// <summary>Closes the connection, which ends all sandboxes.</summary>
    public void Dispose()
    {
        Stems.Dispose();
        _closing.Cancel();
        lock (_guard)
        {
            if (_connected.Task.IsCompletedSuccessfully)
            {
                _connected.Task.GetAwaiter().GetResult().Dispose();
            }

            _connected.TrySetCanceled();
        }
    }

    private static async Task DropAsync(Task<Sandbox> start)
    {
        try
        {
            await (await start).DisposeAsync();
        }
        catch (SandboxException)
        {
            // It was never there.
        }
    }

    private void SendStems(StemsMessage message)
    {
        lock (_guard)
        {
            if (_connected.Task.IsCompletedSuccessfully)
            {
                _connected.Task.GetAwaiter().GetResult().TrySend(message);
            }
        }
    }

    private Task<Connection> CurrentAsync(CancellationToken cancellationToken)
    {
        lock (_guard)
        {
            return _connected.Task.WaitAsync(cancellationToken);
        }
    }

    private void StayConnected()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                // Connected synchronously: a socket that was used asynchronously does not block any more.
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    socket.Connect(new UnixDomainSocketEndPoint(_socketPath));
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }

                using var messages = new MessageSocket(socket);
                Serve(messages);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                Log.NotConnected(_logger, e.Message);
            }

            _closing.Token.WaitHandle.WaitOne(RetryPause);
        }
    }

    private void Serve(MessageSocket messages)
    {
        if (messages.Receive(out _) is not HelloMessage hello)
        {
            throw new IOException("sandboxd did not say which walls stand.");
        }

        using var connection = new Connection(messages, hello, Stems);
        lock (_guard)
        {
            Hello = hello;
            _connected.TrySetResult(connection);
        }

        Stems.OnConnected();
        Log.Connected(_logger, hello.Isolation, hello.Cgroup);
        try
        {
            connection.Read();
        }
        finally
        {
            lock (_guard)
            {
                _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_closing.IsCancellationRequested)
                {
                    _connected.TrySetCanceled();
                }
            }

            connection.EndAll();
        }
    }

    /// <summary>One connection and the sandboxes that were started over it.</summary>
    private sealed class Connection(MessageSocket messages, HelloMessage hello, StemStock stems) : IDisposable
    {
        private const int KilledBySigkill = 128 + 9;
        private readonly ConcurrentDictionary<string, Starting> _starting = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<string, Sandbox> _running = new(StringComparer.Ordinal);
        private volatile bool _ended;

        private sealed record Starting(TaskCompletionSource<Sandbox> Done, Action<Sandbox>? Started)
        {
            internal void Complete(Sandbox sandbox)
            {
                try
                {
                    Started?.Invoke(sandbox);
                    Done.TrySetResult(sandbox);
                }
                catch (Exception e)
                {
                    // A bug of whoever started it; the others that are read of here must not suffer.
                    Done.TrySetException(e);
                    _ = sandbox.KillAsync().AsTask();
                }
            }
        }

        internal HelloMessage Hello { get; } = hello;

        public void Dispose() => messages.Dispose();

        internal Task<Sandbox> Start(SandboxSpec spec, Action<Sandbox>? started)
        {
            var done = new TaskCompletionSource<Sandbox>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_starting.TryAdd(spec.Id, new(done, started)))
            {
                throw new SandboxException("A sandbox of this id is being started.");
            }

            if (!TrySend(new StartMessage(spec)) || _ended)
            {
                Fail(spec.Id, "sandboxd is not there; it is being restarted.");
            }

            return done.Task;
        }

        internal void Read()
        {
            while (messages.Receive(out var descriptors) is { } message)
            {
                switch (message)
                {
                    case StartedMessage started:
                        var sandbox = new Sandbox(started, descriptors, TrySend);
                        _running[started.Id] = sandbox;
                        if (_starting.TryRemove(started.Id, out var waiting))
                        {
                            waiting.Complete(sandbox);
                        }

                        break;
                    case StemCountMessage count:
                        stems.OnCount(count);
                        break;
                    case FailedMessage failed:
                        Fail(failed.Id, failed.Message);
                        break;
                    case DialedMessage dialed when _running.TryGetValue(dialed.Id, out var dialing):
                        dialing.OnDialed(dialed.Made ? descriptors[0] : null);
                        break;
                    case ExitedMessage exited when _running.TryRemove(exited.Id, out var gone):
                        gone.End(exited.Exit, exited.MaxMemoryBytes);
                        break;
                }
            }
        }

        /// <summary>sandboxd has gone, and all sandboxes with it.</summary>
        internal void EndAll()
        {
            _ended = true;
            foreach (var id in _starting.Keys)
            {
                Fail(id, "sandboxd ended while the sandbox was being started.");
            }

            foreach (var sandbox in _running.Values)
            {
                sandbox.End(new SandboxExit(KilledBySigkill, OutOfMemory: false), 0);
            }
        }

        private void Fail(string id, string message)
        {
            if (_starting.TryRemove(id, out var waiting))
            {
                waiting.Done.TrySetException(new SandboxException(message));
            }
        }

        internal bool TrySend(SandboxdMessage message)
        {
            try
            {
                messages.Send(message);
                return true;
            }
            catch (IOException)
            {
                // The reading side sees the same end.
                return false;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2000, LogLevel.Information, "Connected to sandboxd: isolation {Isolation}, control groups {Cgroup}")]
        internal static partial void Connected(ILogger logger, string isolation, string cgroup);

        [LoggerMessage(2001, LogLevel.Debug, "No connection to sandboxd: {Reason}")]
        internal static partial void NotConnected(ILogger logger, string reason);
    }
}
