using System.Runtime.InteropServices;

namespace Mayfly.Supervision;

/// <summary>Turns Ctrl-C, SIGTERM and SIGHUP into a gentle stop, and a second one into a hard one.</summary>
public sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _first = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action _onSecond;
    private int _count;

    /// <summary>Begins to listen.</summary>
    /// <param name="onSecond">Runs at the second signal, before the process ends.</param>
    public StopSignals(Action onSecond)
    {
        _onSecond = onSecond;
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Handle));
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _first.Token;

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _first.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) == 1)
        {
            // Waiting code runs on: a signal handler must not.
            _ = _first.CancelAsync();
            return;
        }

        _onSecond();
        Environment.Exit(130);
    }
}
