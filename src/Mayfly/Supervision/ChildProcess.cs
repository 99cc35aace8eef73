using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Mayfly.Supervision;

/// <summary>One run of a child: its standard input is a pipe that is never written, so that the child sees our end; what it prints goes to a log file.</summary>
public sealed class ChildProcess : IDisposable
{
    private const int TailLimit = 4096;
    private const long LogLimit = 16 * 1024 * 1024;

    private readonly Process _process;
    private readonly ChildCommand _command;
    private readonly FileStream _log;
    private readonly Lock _gate = new();
    private readonly StringBuilder _tail = new();
    private readonly Task _output;

    private ChildProcess(Process process, ChildCommand command, FileStream log)
    {
        _process = process;
        _command = command;
        _log = log;
        _output = Task.WhenAll(CopyAsync(process.StandardOutput.BaseStream), CopyAsync(process.StandardError.BaseStream));
        Exited = WaitAsync();
    }

    /// <summary>Completes with the exit status.</summary>
    public Task<int> Exited { get; }

    /// <summary>The last lines that it printed.</summary>
    public string Tail
    {
        get
        {
            lock (_gate)
            {
                return _tail.ToString().Trim();
            }
        }
    }

    /// <summary>Starts it. What the log file held is kept beside it with the ending <c>.1</c>.</summary>
    public static ChildProcess Start(ChildCommand command, string logFile)
    {
        if (File.Exists(logFile))
        {
            File.Move(logFile, logFile + ".1", overwrite: true);
        }

        var file = new FileStream(logFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        var start = new ProcessStartInfo(command.Words[0], command.Words.Skip(1))
        {
            UseShellExecute = false,
            WorkingDirectory = command.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return new ChildProcess(Process.Start(start)!, command, file);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            file.Dispose();
            throw new SupervisorException($"{command.Words[0]} could not be started: {e.Message}", e);
        }
    }

    /// <summary>Asks it to drain and end.</summary>
    public void Terminate() => Signal(Posix.SigTerm);

    /// <summary>Ends it at once.</summary>
    public void Kill() => Signal(Posix.SigKill);

    /// <inheritdoc />
    public void Dispose()
    {
        _process.Dispose();
        _log.Dispose();
    }

    private void Signal(int signal)
    {
        if (Exited.IsCompleted)
        {
            return;
        }

        if (_command.Wrapped && FindChild(_process.Id) is { } inner)
        {
            _ = Posix.Kill(inner, signal);
            return;
        }

        _ = Posix.Kill(_process.Id, signal);
    }

    private static int? FindChild(int parent)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && ParentOf(folder) == parent)
            {
                return pid;
            }
        }

        return null;
    }

    private static int? ParentOf(string folder)
    {
        try
        {
            // "pid (name) state ppid …": the name may hold anything, so count from its end.
            var stat = File.ReadAllText(folder + "/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        // A grandchild may hold the pipe open: what it prints is not worth waiting for.
        await Task.WhenAny(_output, Task.Delay(200, CancellationToken.None));
        return _process.ExitCode;
    }

    private async Task CopyAsync(Stream source)
    {
        var buffer = new byte[8192];
        try
        {
            while (await source.ReadAsync(buffer) is > 0 and var count)
            {
                lock (_gate)
                {
                    if (_log.Length > LogLimit)
                    {
                        _log.SetLength(0);
                    }

                    _log.Write(buffer, 0, count);
                    _log.Flush();
                    _tail.Append(Encoding.UTF8.GetString(buffer, 0, count));
                    if (_tail.Length > TailLimit)
                    {
                        _tail.Remove(0, _tail.Length - TailLimit);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pipe is gone with the process.
        }
    }
}
