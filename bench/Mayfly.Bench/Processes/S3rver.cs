using System.Diagnostics;
using System.Globalization;

namespace Mayfly.Bench.Processes;

/// <summary>npm's <c>s3rver</c>, an S3 server for tests, fetched once by npm.</summary>
internal static class S3rver
{
    /// <summary>The access key that it knows.</summary>
    public const string AccessKey = "S3RVER";

    private const string Package = "s3rver@3.7.1";

    /// <summary>Starts it on an empty folder.</summary>
    /// <exception cref="BenchException">Node or npm is not there, or npm cannot fetch it.</exception>
    public static async Task<ChildServer> StartAsync(Places places, string folder, CancellationToken cancellationToken)
    {
        var node = Programs.Find("node") ?? throw new BenchException("node is not installed");
        var npm = Programs.Find("npm") ?? throw new BenchException("npm, which fetches s3rver, is not installed");
        var package = Path.Combine(places.Npm, Package);
        var script = Path.Combine(package, "node_modules", "s3rver", "bin", "s3rver.js");
        if (!File.Exists(script))
        {
            await FetchAsync(npm, package, cancellationToken);
        }

        var port = Programs.FreePort();
        var server = ChildServer.Start(
            node,
            [script, "--directory", folder, "--address", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--silent", "--allow-mismatched-signatures", "--no-vhost-buckets"],
            port);
        await server.WaitListeningAsync(cancellationToken);
        return server;
    }

    private static async Task FetchAsync(string npm, string package, CancellationToken cancellationToken)
    {
        // Complete or not there: a run may be stopped in the middle.
        var making = Directory.CreateDirectory($"{package}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(making, "package.json"), """{"private": true}""", cancellationToken);
            var start = new ProcessStartInfo(npm, ["install", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=1", "--loglevel=error", Package])
            {
                UseShellExecute = false,
                WorkingDirectory = making,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start) ?? throw new BenchException("npm did not start");
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            try
            {
                await process.WaitForExitAsync(cancellationToken);
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }

            if (process.ExitCode != 0)
            {
                throw new BenchException($"npm could not fetch {Package}: {string.Join(' ', $"{await output}{await error}".Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(3))}");
            }

            Directory.Move(making, package);
        }
        finally
        {
            if (Directory.Exists(making))
            {
                Directory.Delete(making, recursive: true);
            }
        }
    }
}
