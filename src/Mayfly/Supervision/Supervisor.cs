using System.Net;
using Mayfly.Server.Runtimes;

namespace Mayfly.Supervision;

/// <summary>
/// Starts sandboxd and the server, keeps them running and stops them. Runs in the command's own process with the caller's rights;
/// when it dies, however it dies, both children see their standard input end and exit.
/// </summary>
public sealed class Supervisor : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly StateFolder _state;
    private readonly StateLock _stateLock;
    private readonly SupervisedChild _sandboxd;
    private readonly SupervisedChild _server;
    private readonly TimeProvider _time;
    private bool _stopped;

    private Supervisor(StateFolder state, StateLock stateLock, RuntimeCatalog catalog, SupervisedChild sandboxd, SupervisedChild server, TimeProvider time)
    {
        (_state, _stateLock, _sandboxd, _server, _time) = (state, stateLock, sandboxd, server, time);
        Catalog = catalog;
    }

    /// <summary>The runtimes that this machine can run.</summary>
    public RuntimeCatalog Catalog { get; }

    /// <summary>The base URL of the server.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Starts everything; returns as soon as both children run. <see cref="WaitReadyAsync"/> tells when the server answers.</summary>
    /// <param name="state">The state folder.</param>
    /// <param name="options">What the server is told.</param>
    /// <param name="say">Tells the user one line.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up; nothing runs then.</param>
    /// <exception cref="SupervisorException">It cannot start here; nothing runs.</exception>
    public static async Task<Supervisor> StartAsync(StateFolder state, SupervisorOptions options, Action<string> say, TimeProvider time, CancellationToken cancellationToken)
    {
        // 1. Refuse before anything is changed or started.
        state.Create();
        var held = StateLock.Take(state, options.Endpoint);
        SupervisedChild? spawner = null;
        SupervisedChild? doors = null;
        try
        {
            PortCheck.RequireFree(options.Port);

            // 2. What the children read, prepared while they start: they wait for it where they need it.
            Preparation.Begin(state);
            var catalog = Task.Run(() => Preparation.PrepareAsync(state, cancellationToken), cancellationToken);

            // 3. Who they run as.
            var machine = Machine.Look();
            var self = SelfCommand.Find();
            var serverCommand = ServerLaunch.Build(machine, self, state, options);
            var sandboxdCommand = SandboxdLaunch.Build(machine, self, state, serverCommand.OwnUser);
            GiveRights(machine, state, serverCommand);
            if (serverCommand.Notice is { } notice)
            {
                say("warning: " + notice);
            }

            // 4. Start.
            spawner = new SupervisedChild("sandboxd", sandboxdCommand, state.LogOf("sandboxd"), say, time);
            doors = new SupervisedChild("the server", serverCommand, state.LogOf("server"), say, time);
            spawner.Start();
            doors.Start();
            return new Supervisor(state, held, await catalog, spawner, doors, time) { Endpoint = options.Endpoint };
        }
        catch
        {
            doors?.Kill();
            doors?.Dispose();
            spawner?.Kill();
            spawner?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the server answers, and writes where it is.</summary>
    /// <exception cref="SupervisorException">A child ended first, or it took too long; everything is stopped.</exception>
    public async Task WaitReadyAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri(Endpoint), Timeout = TimeSpan.FromSeconds(2) };
        var began = _time.GetTimestamp();
        while (true)
        {
            if (_server.FailedToStart.IsCompleted)
            {
                throw new SupervisorException("the server " + await _server.FailedToStart);
            }

            if (_sandboxd.FailedToStart.IsCompleted)
            {
                throw new SupervisorException("sandboxd " + await _sandboxd.FailedToStart);
            }

            if (await AnswersAsync(http, cancellationToken))
            {
                break;
            }

            if (_time.GetElapsedTime(began) > StartLimit)
            {
                throw new SupervisorException($"the server did not answer within {StartLimit.TotalSeconds:0} seconds (see {_state.LogOf("server")})");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, cancellationToken);
        }

        _sandboxd.MarkReady();
        _server.MarkReady();
        await File.WriteAllTextAsync(_state.Endpoint, Endpoint + "\n", cancellationToken);
    }

    /// <summary>Drains the server (at most 4 s), then stops sandboxd: under 5 s together.</summary>
    public async Task StopAsync()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        File.Delete(_state.Endpoint);
        await _server.StopAsync(TimeSpan.FromSeconds(4));
        await _sandboxd.StopAsync(TimeSpan.FromMilliseconds(700));
    }

    /// <summary>Ends both children at once.</summary>
    public void Kill()
    {
        _server.Kill();

        // Sandboxd drains nothing: asked to stop it kills every sandbox and takes the control groups away, which nobody could after it.
        _sandboxd.StopAsync(TimeSpan.FromMilliseconds(800)).GetAwaiter().GetResult();
        _sandboxd.Kill();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _server.Dispose();
        _sandboxd.Dispose();
        _stateLock.Dispose();
    }

    private async Task<bool> AnswersAsync(HttpClient http, CancellationToken cancellationToken)
    {
        // Most looks find nobody listening: that costs one system call here, and an exception in the HTTP client.
        if (!await PortCheck.ListensAsync(new Uri(Endpoint).Port))
        {
            return false;
        }

        try
        {
            using var answer = await http.GetAsync("/_mayfly/health", cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static void GiveRights(Machine machine, StateFolder state, ChildCommand command)
    {
        if (!machine.Root)
        {
            return;
        }

        state.GiveStoreTo(command.OwnUser ? ServerLaunch.ServerUid : 0);
        if (command.OpensState)
        {
            File.SetUnixFileMode(state.Root, File.GetUnixFileMode(state.Root) | UnixFileMode.OtherExecute);
        }
    }
}
