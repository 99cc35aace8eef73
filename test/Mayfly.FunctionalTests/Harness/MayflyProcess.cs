using System.Diagnostics;
using System.Text;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>The real command, as a process of its own.</summary>
public sealed class MayflyProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly List<string> lines = [];
    private readonly List<string> errors = [];

    private MayflyProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Add(lines, line.Data);
        process.ErrorDataReceived += (_, line) => Add(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    public string Output => Text(lines);

    public string Error => Text(errors);

    /// <summary>Everything that it said, for messages of failed tests.</summary>
    public string All => $"{Output}\n{Error}";

    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="environment">What differs from the tests' own.</param>
    /// <param name="under">A command that makes its surroundings and then becomes it.</param>
    public static MayflyProcess Start(IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string?>? environment = null, string[]? under = null)
    {
        string[] words = [.. under ?? [], Machine.Dotnet, Machine.MayflyAssembly, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        Surroundings.Apply(start, environment);
        var started = Process.Start(start)!;
        started.StandardInput.Close();
        return new(started);
    }

    /// <summary>Runs a command to its end.</summary>
    public static Task<Tool.Outcome> RunAsync(IEnumerable<string> arguments, string folder, string? input = null, IReadOnlyDictionary<string, string?>? environment = null) =>
        Tool.RunAsync(Machine.Dotnet, [Machine.MayflyAssembly, .. arguments], input, folder, environment);

    /// <summary>Waits for a line on either stream.</summary>
    public async Task<string> LineAsync(Func<string, bool> wanted, string what, double seconds = 60)
    {
        string? found = null;
        await Until.TrueAsync(() => (found = Find(wanted)) is not null || process.HasExited, $"{what}, but: {All}", seconds);
        return found ?? Find(wanted) ?? throw new ShouldAssertException($"it ended with {process.ExitCode} before {what}: {All}");
    }

    public Task<string> LineAsync(string part, double seconds = 60) => LineAsync(line => line.Contains(part, StringComparison.Ordinal), $"a line with '{part}'", seconds);

    public void Signal(string name)
    {
        using var kill = Process.Start("/bin/kill", ["-" + name, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> EndAsync(double seconds = 15)
    {
        var took = await Until.TrueAsync(() => process.HasExited, $"the end of the command: {All}", seconds);
        await process.WaitForExitAsync();
        return took;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            Signal("TERM");
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(8));
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        process.Dispose();
    }

    private string? Find(Func<string, bool> wanted)
    {
        lock (lines)
        {
            return lines.FirstOrDefault(wanted) ?? errors.FirstOrDefault(wanted);
        }
    }

    private string Text(List<string> of)
    {
        lock (lines)
        {
            return new StringBuilder().AppendJoin('\n', of).ToString();
        }
    }

    private void Add(List<string> to, string? line)
    {
        if (line is not null)
        {
            lock (lines)
            {
                to.Add(line);
            }
        }
    }
}
