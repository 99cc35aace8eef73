using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Mayfly.Sandboxd.Native;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Launching;

/// <summary>The first process of a sandbox's pid namespace. When it is killed, the kernel kills all others in there.</summary>
/// <param name="monitor">bubblewrap's outer process, which reports the inner one.</param>
/// <param name="report">What it was told to report to.</param>
internal sealed partial class SandboxInit(int monitor, SafeFileHandle report) : IDisposable
{
    private readonly Lock _guard = new();
    private int? _pid;

    /// <summary>Its number; <see langword="null"/> until bubblewrap has reported it, and when it has ended.</summary>
    internal int? Pid
    {
        get
        {
            lock (_guard)
            {
                _pid ??= Read();
                return _pid is { } init && IsChild(init) ? init : null;
            }
        }
    }

    /// <summary>Kills the whole sandbox, also one that is just being set up.</summary>
    internal void Kill()
    {
        lock (_guard)
        {
            _pid ??= Read();
            if (_pid is { } init && IsChild(init))
            {
                LibC.Kill(init, LibC.SigKill);
            }
            else
            {
                // It dies with its parent.
                LibC.Kill(monitor, LibC.SigKill);
            }
        }
    }

    public void Dispose()
    {
        lock (_guard)
        {
            report.Dispose();
        }
    }

    private int? Read()
    {
        if (report.IsClosed)
        {
            return null;
        }

        Span<byte> text = stackalloc byte[1024];
        var length = Math.Max(0, LibC.ReadSome(report, text));
        var match = ChildPattern().Match(Encoding.UTF8.GetString(text[..length]));
        return match.Success ? int.Parse(match.Groups["pid"].ValueSpan, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Whether a number still belongs to the monitor's child and not to a newer process.</summary>
    private bool IsChild(int init)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{init}/stat");
            var parent = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1];
            return int.Parse(parent, CultureInfo.InvariantCulture) == monitor;
        }
        catch (IOException)
        {
            return false;
        }
    }

    [GeneratedRegex("\"child-pid\": (?<pid>\\d+)\\D", RegexOptions.None, 1000)]
    private static partial Regex ChildPattern();
}
