namespace Mayfly.Sandboxd.Wire;

/// <summary>How a sandbox ended.</summary>
/// <param name="ExitCode">The exit status of the program; 128 + n when a signal n ended it.</param>
/// <param name="OutOfMemory">Whether the memory limit ended it.</param>
public sealed record SandboxExit(int ExitCode, bool OutOfMemory)
{
    /// <summary>The signal that ended it; <see langword="null"/> when it exited by itself.</summary>
    public int? Signal => ExitCode > 128 && ExitCode <= 128 + 64 ? ExitCode - 128 : null;
}
