using System.Globalization;

namespace Mayfly.Supervision;

/// <summary>Keeps one child running: starts it again when it dies, more slowly each time it dies young.</summary>
/// <param name="name">What it is called in messages.</param>
/// <param name="command">How to start it.</param>
/// <param name="logFile">Where its output goes.</param>
/// <param name="say">Tells the user.</param>
/// <param name="time">The clock.</param>
public sealed class SupervisedChild(string name, ChildCommand command, string logFile, Action<string> say, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _stopRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChildProcess? _current;
    private Task _loop = Task.CompletedTask;

    /// <summary>Completes with a description when the first run ends before <see cref="MarkReady"/>.</summary>
    public Task<string> FailedToStart => _failedToStart.Task;

    private readonly TaskCompletionSource<string> _failedToStart = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _ready;

    /// <summary>Starts the first run.</summary>
    public void Start()
    {
        _current = ChildProcess.Start(command, logFile);
        _loop = KeepRunningAsync();
    }

    /// <summary>From now on a run that ends is started again.</summary>
    public void MarkReady() => _ready = true;

    /// <summary>Asks it to end, and ends it when it has not after the given time.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        _stopRequested.TrySetResult();
        ChildProcess? child;
        lock (_gate)
        {
            child = _current;
            child?.Terminate();
        }

        if (child is not null)
        {
            try
            {
                await child.Exited.WaitAsync(patience, time, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                child.Kill();
                await ((Task)child.Exited).WaitAsync(TimeSpan.FromSeconds(1), time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await _loop;
    }

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        _stopRequested.TrySetResult();
        lock (_gate)
        {
            _current?.Kill();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _current?.Dispose();

    private async Task KeepRunningAsync()
    {
        var pause = TimeSpan.FromMilliseconds(200);
        while (true)
        {
            var started = time.GetTimestamp();
            var status = await _current!.Exited;
            if (_stopRequested.Task.IsCompleted)
            {
                return;
            }

            var how = Describe(status, _current.Tail);
            if (!_ready)
            {
                _failedToStart.TrySetResult(how);
                return;
            }

            pause = time.GetElapsedTime(started) > Settled ? TimeSpan.FromMilliseconds(200) : pause;
            say($"{name} {how}; starting it again");
            await Task.WhenAny(_stopRequested.Task, Task.Delay(pause, time, CancellationToken.None));
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, TimeSpan.FromSeconds(10).Ticks));
            if (!TryStartAgain())
            {
                return;
            }
        }
    }

    private bool TryStartAgain()
    {
        lock (_gate)
        {
            if (_stopRequested.Task.IsCompleted)
            {
                return false;
            }

            // A watcher that was killed may have left its child.
            _current!.Kill();
            _current.Dispose();
            try
            {
                _current = ChildProcess.Start(command, logFile);
                return true;
            }
            catch (SupervisorException e)
            {
                say(e.Message);
                _current = null;
                return false;
            }
        }
    }

    private string Describe(int status, string tail)
    {
        var how = status > 128 ? string.Create(CultureInfo.InvariantCulture, $"was ended by signal {status - 128}") : string.Create(CultureInfo.InvariantCulture, $"ended with status {status}");
        var last = tail.Length == 0 ? "" : $": {tail[(tail.LastIndexOf('\n') + 1)..]}";
        return $"{how}{last} (see {logFile})";
    }
}
