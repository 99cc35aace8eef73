using System.Diagnostics;

namespace Mayfly.Supervision;

/// <summary>What this machine and this caller allow. A record of plain values, so that decisions about it can be tested.</summary>
public sealed record Machine
{
    /// <summary>Whether the caller is root.</summary>
    public required bool Root { get; init; }

    /// <summary>Where bubblewrap is, when this caller may use it.</summary>
    public string? Bubblewrap { get; init; }

    /// <summary>Where setpriv is.</summary>
    public string? SetPriv { get; init; }

    /// <summary>Where setsid is.</summary>
    public string? SetSid { get; init; }

    /// <summary>Where unshare is, when an ordinary user may make a user namespace with it.</summary>
    public string? Unshare { get; init; }

    /// <summary>Whether users who own nothing may pass through a folder.</summary>
    public Func<string, bool> OpenToOthers { get; init; } = static _ => true;

    /// <summary>Looks at the machine.</summary>
    public static Machine Look()
    {
        var root = Posix.IsRoot;
        var bubblewrap = FindProgram("bwrap");
        var unshare = root || !OperatingSystem.IsLinux() ? null : FindProgram("unshare");
        return new Machine
        {
            Root = root,
            Bubblewrap = bubblewrap is not null && (!root || Succeeds(bubblewrap, "--ro-bind", "/", "/", "--", "true")) ? bubblewrap : null,
            SetPriv = FindProgram("setpriv"),
            SetSid = FindProgram("setsid"),
            Unshare = unshare is not null && Succeeds(unshare, "--user", "--map-root-user", "--mount", "--", "true") ? unshare : null,
            OpenToOthers = static folder => File.GetUnixFileMode(folder).HasFlag(UnixFileMode.OtherExecute),
        };
    }

    /// <summary>Finds a program on the search path or where system tools lie.</summary>
    public static string? FindProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/bin", "/bin", "/usr/sbin", "/sbin"])
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    private static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return false;
        }
    }
}
