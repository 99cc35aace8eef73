using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Mayfly.Sandboxd.Seccomp;

namespace Mayfly.Server.Tests.Shims;

/// <summary>Runs the programs below test/Fixtures/zygote, which play sandboxd, once each, and holds what they saw.</summary>
public sealed class ZygoteRun : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("mayfly-zygote-");
    private readonly Lazy<Task<JsonElement>> root;
    private readonly Lazy<Task<JsonElement>> user;
    private readonly Lazy<Task<JsonElement>> template;

    public ZygoteRun()
    {
        root = new(() => ZygoteAsync("root"));
        user = new(() => ZygoteAsync("user", "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "unshare", "-Urm", "--propagation", "slave"));
        template = new(async () => await RunAsync([await InterpreterAsync(), Prepare("template_checks.py"), Shim]));
    }

    private string Shim => Path.Combine(folder.FullName, "shim");

    /// <summary>With the rights of root.</summary>
    public Task<JsonElement> AsRoot => root.Value;

    /// <summary>With those of the root of a user namespace, which an ordinary user made.</summary>
    public Task<JsonElement> AsUser => user.Value;

    /// <summary>A function that is initialised once and forked.</summary>
    public Task<JsonElement> Template => template.Value;

    public void Dispose() => folder.Delete(recursive: true);

    private static async Task<string> InterpreterAsync()
    {
        var catalog = await Machine.Catalog;
        Assert.SkipUnless(catalog.InterpreterOf("python") is not null, "Python is not installed");
        return catalog.InterpreterOf("python")!.Executable;
    }

    private async Task<JsonElement> ZygoteAsync(string mode, params string[] rights)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "a zygote is started with the rights of root");
        Assert.SkipUnless(File.Exists("/usr/bin/bwrap"), "bubblewrap is not installed");
        var python = await InterpreterAsync();
        if (mode == "user")
        {
            // Another user cannot see what lies below root's home.
            python = "/usr/bin/python3";
            Assert.SkipUnless(File.Exists(python), python + " is not installed");
        }

        var filter = SeccompProgram.For(RuntimeInformation.ProcessArchitecture);
        Assert.SkipWhen(filter is null, "there is no system call filter for this processor");
        var checks = Prepare("zygote_checks.py");
        var program = Path.Combine(folder.FullName, "filter");
        await File.WriteAllBytesAsync(program, filter!);
        return await RunAsync([.. rights, python, checks, Shim, program, mode]);
    }

    // Beside the tests, another user may not look.
    private string Prepare(string checks)
    {
        lock (folder)
        {
            var fixtures = Path.Combine(folder.FullName, "checks");
            if (!Directory.Exists(fixtures))
            {
                folder.UnixFileMode |= UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
                Copy(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../Fixtures/zygote")), fixtures);
                Copy(Path.Combine(ShimProcess.ShimsFolder, "python"), Shim);
            }

            return Path.Combine(fixtures, checks);
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var inner in Directory.EnumerateDirectories(from))
        {
            Copy(inner, Path.Combine(to, Path.GetFileName(inner)));
        }
    }

    private static async Task<JsonElement> RunAsync(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        try
        {
            var cancelled = TestContext.Current.CancellationToken;
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancelled), process.StandardError.ReadToEndAsync(cancelled));
            await process.WaitForExitAsync(cancelled).WaitAsync(TimeSpan.FromSeconds(120), cancelled);
            process.ExitCode.ShouldBe(0, await errors);
            return JsonSerializer.Deserialize<JsonElement>(await output);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
