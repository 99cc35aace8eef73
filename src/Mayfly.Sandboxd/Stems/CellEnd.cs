using Mayfly.Sandboxd.Native;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Stems;

/// <summary>
/// How a cell ends: with its first process, and that is killed when the program has ended, which is not its child. So the program's exit status comes
/// from the zygote.
/// </summary>
/// <param name="first">The descriptor of the first process, which is this object's.</param>
internal sealed class CellEnd(SafeFileHandle first)
{
    private SafeFileHandle? _program;
    private volatile int _code = 128 + LibC.SigKill;
    private volatile bool _over;

    /// <summary>Completes with the program's exit status when nothing runs in the cell any more.</summary>
    internal async Task<(int ExitCode, long MaxResident)> AwaitAsync(Reaper reaper)
    {
        await reaper.EndAsync(first);
        _over = true;
        _program?.Dispose();
        return (_code, 0);
    }

    /// <summary>Notes the program's process.</summary>
    internal async Task FollowAsync(Task<SafeFileHandle> forked)
    {
        _program = await forked;
        if (_over)
        {
            _program.Dispose();
        }
    }

    /// <summary>The program's process; <see langword="null"/> before it is forked, and when it has ended.</summary>
    internal int? FindProgram()
    {
        var (program, isHeld) = (_program, false);
        try
        {
            program?.DangerousAddRef(ref isHeld);
            return program is not null && LibC.PidOf(program) is > 0 and var pid ? pid : null;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
        finally
        {
            if (isHeld)
            {
                program!.DangerousRelease();
            }
        }
    }

    /// <summary>The program has ended.</summary>
    internal void Tell(int code)
    {
        _code = code;
        Kill();
    }

    /// <summary>Kills all that is in the cell.</summary>
    internal void Kill() => Signal(first, LibC.SigKill);

    /// <summary>Asks the program to end.</summary>
    internal void Terminate() => Signal(_program, LibC.SigTerm);

    private void Signal(SafeFileHandle? process, int signal)
    {
        if (!_over && process is { IsClosed: false })
        {
            LibC.Signal(process, signal);
        }
    }
}
