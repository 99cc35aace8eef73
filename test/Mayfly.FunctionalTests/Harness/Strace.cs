using System.Diagnostics;
using System.Globalization;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>strace on a running process and all of its threads, until it is disposed.</summary>
public sealed class Strace : IAsyncDisposable
{
    private readonly Process _process;

    private Strace(Process process) => _process = process;

    /// <summary>Skips the test where nobody may look into the server.</summary>
    public static void Need()
    {
        Assert.SkipUnless(Machine.IsRoot, "only root looks into the server's system calls");
        Machine.Need("strace", "strace");
    }

    /// <summary>Attaches; the test is skipped, with the reason, where the kernel does not allow it.</summary>
    public static async Task<Strace> AttachAsync(int id, params string[] options)
    {
        var start = new ProcessStartInfo("strace", ["-f", "-p", id.ToString(CultureInfo.InvariantCulture), .. options]) { UseShellExecute = false, RedirectStandardError = true };
        var process = Process.Start(start)!;
        var first = await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        if (first?.Contains("attached", StringComparison.Ordinal) != true)
        {
            process.Dispose();
            Assert.Skip($"strace may not attach here: {first}");
        }

        return new(process);
    }

    public async ValueTask DisposeAsync()
    {
        await Tool.RunAsync("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.StandardError.ReadToEndAsync();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
