using System.Runtime.InteropServices;
using Mayfly.Supervision;

namespace Mayfly.Roles;

/// <summary>Ties a role to the process that started it: a session of its own, and an end when the parent closes the pipe or asks for it.</summary>
public sealed class ParentWatch : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _signals = [];

    private ParentWatch()
    {
    }

    /// <summary>Cancelled by SIGTERM (drain) and by the end of the parent.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Leaves the terminal's process group, so that Ctrl-C reaches only the command, and begins to watch.</summary>
    public static ParentWatch Begin()
    {
        _ = Posix.SetSid();
        var watch = new ParentWatch();
        watch._signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, static context => context.Cancel = true));
        watch._signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, static context => context.Cancel = true));
        watch._signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            watch._stop.Cancel();
        }));
        new Thread(watch.ReadUntilEnd) { IsBackground = true, Name = "parent-watch" }.Start();
        return watch;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }
    }

    private void ReadUntilEnd()
    {
        try
        {
            using var input = Console.OpenStandardInput();
            Span<byte> buffer = stackalloc byte[64];
            while (input.Read(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A pipe that cannot be read any more is as good as closed.
        }

        // The parent is gone and nobody waits for a drain: a stop that hangs must not leave an orphan.
        _stop.Cancel();
        using var never = new ManualResetEventSlim();
        never.Wait(TimeSpan.FromSeconds(2));
        Environment.Exit(0);
    }
}
