using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;

namespace Mayfly.Building;

/// <summary>A program that a build runs, with the caller's environment and rights.</summary>
internal static class Tool
{
    /// <summary>Whether a program is there: an absolute path, or a name on <c>PATH</c>.</summary>
    public static bool IsInstalled(string program)
    {
        if (program.Length == 0 || Path.IsPathRooted(program))
        {
            return File.Exists(program);
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
    }

    /// <summary>Runs a program to its end and returns its exit status; every line of both its streams goes to <paramref name="line"/>.</summary>
    public static async Task<int> RunAsync(
        ImmutableArray<string> command, string folder, IReadOnlyDictionary<string, string> environment, Action<string> line, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        using var process = new Process { StartInfo = start };
        var one = new Lock();
        void Take(string? text)
        {
            if (text is not null)
            {
                lock (one)
                {
                    line(text);
                }
            }
        }

        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            line(e.Message);
            return 127;
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode;
    }
}
