using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Mayfly.Bench.Processes;

namespace Mayfly.Bench.Loads;

/// <summary>The load generator: <c>wrk --latency</c> with one thread.</summary>
internal static partial class Wrk
{
    /// <summary>Says how to get it where it is not installed.</summary>
    /// <exception cref="BenchException">It is not installed.</exception>
    public static void Require()
    {
        if (Programs.Find("wrk") is null)
        {
            throw new BenchException("the load generator is missing; install it with: " + (OperatingSystem.IsMacOS() ? "brew install wrk" : $"{(Environment.IsPrivilegedProcess ? "" : "sudo ")}apt-get install -y wrk"));
        }
    }

    /// <summary>Keeps a number of connections busy for a while.</summary>
    /// <exception cref="BenchException">It failed, or its answer could not be read.</exception>
    public static async Task<LoadResult> RunAsync(Target target, int connections, double seconds, string scripts, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("wrk") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        var whole = Math.Max(1, (int)Math.Round(seconds, MidpointRounding.AwayFromZero));
        foreach (var argument in (string[])["-t1", "-c" + Whole(connections), "-d" + Whole(whole) + "s", "--timeout", "10s", "--latency", "-s", target.WriteScript(scripts), $"http://127.0.0.1:{Whole(target.Port)}{target.Path}"])
        {
            start.ArgumentList.Add(argument);
        }

        using var wrk = Process.Start(start) ?? throw new BenchException("wrk did not start");
        try
        {
            var output = await wrk.StandardOutput.ReadToEndAsync(cancellationToken);
            await wrk.WaitForExitAsync(cancellationToken);
            return Parse(output) ?? throw new BenchException($"wrk against {target.Name} said: {output} {await wrk.StandardError.ReadToEndAsync(cancellationToken)}");
        }
        finally
        {
            if (!wrk.HasExited)
            {
                wrk.Kill();
            }
        }
    }

    /// <summary>Reads its report.</summary>
    internal static LoadResult? Parse(string output)
    {
        var seconds = Summary().Match(output);
        var p50 = P50().Match(output);
        var p99 = P99().Match(output);
        if (!seconds.Success || !p50.Success || !p99.Success)
        {
            return null;
        }

        var answers = long.Parse(seconds.Groups["count"].Value, CultureInfo.InvariantCulture);
        var bad = NotGood().Match(output) is { Success: true } some ? long.Parse(some.Groups["count"].Value, CultureInfo.InvariantCulture) : 0;
        var broken = Broken().Match(output) is { Success: true } errors
            ? errors.Groups["count"].Captures.Sum(static capture => long.Parse(capture.Value, CultureInfo.InvariantCulture)) : 0;
        var length = Microseconds(seconds);
        return new((answers - bad) / (length / 1e6), Microseconds(p50), Microseconds(p99), answers, bad + broken);
    }

    private static double Microseconds(Match match) =>
        double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture) * match.Groups["unit"].Value switch
        {
            "us" => 1,
            "ms" => 1e3,
            "s" => 1e6,
            "m" => 60e6,
            var unit => throw new BenchException($"wrk gave a time in '{unit}'"),
        };

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<count>\d+) requests in (?<value>[\d.]+)(?<unit>[a-z]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Summary();

    [GeneratedRegex(@"^\s+50%\s+(?<value>[\d.]+)(?<unit>[a-z]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex P50();

    [GeneratedRegex(@"^\s+99%\s+(?<value>[\d.]+)(?<unit>[a-z]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex P99();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (?<count>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NotGood();

    [GeneratedRegex(@"Socket errors: connect (?<count>\d+), read (?<count>\d+), write (?<count>\d+), timeout (?<count>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Broken();
}
