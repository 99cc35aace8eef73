using System.Diagnostics;

namespace Mayfly.Bench.Processes;

/// <summary>What is preloaded into a server to make each of its syncs take 2.5 ms longer. The server knows nothing of it.</summary>
internal static class SlowSync
{
    /// <summary>How much longer.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(2.5);

    /// <summary>Compiles it.</summary>
    /// <returns>The library.</returns>
    /// <exception cref="BenchException">There is no compiler, or it failed.</exception>
    public static async Task<string> CompileAsync(Places places, WorkFolder folder, CancellationToken cancellationToken)
    {
        var compiler = Programs.Find("cc") ?? throw new BenchException("a C compiler is missing; install it with: apt-get install -y gcc libc6-dev");
        var library = folder.Of("slow_sync.so");
        using var process = Process.Start(new ProcessStartInfo(compiler, ["-shared", "-fPIC", "-O2", "-o", library, places.SlowSync]) { UseShellExecute = false, RedirectStandardError = true })!;
        var said = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? library : throw new BenchException($"{compiler} failed: {said}");
    }
}
