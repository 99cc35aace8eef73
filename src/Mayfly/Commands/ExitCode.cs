namespace Mayfly.Commands;

/// <summary>What the command's exit status means. Documented in docs/cli.md.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The function failed, or something could not be built.</summary>
    public const int Failed = 1;

    /// <summary>The command line, a setting or the manifest is wrong.</summary>
    public const int Usage = 2;

    /// <summary>No server answers.</summary>
    public const int NoServer = 3;

    /// <summary>The server refused: no such function, too large, a limit.</summary>
    public const int Refused = 4;

    /// <summary>Mayfly cannot start here: the port or the folder is in use.</summary>
    public const int CannotStart = 5;

    /// <summary>Stopped by a signal before it was done.</summary>
    public const int Interrupted = 130;
}
