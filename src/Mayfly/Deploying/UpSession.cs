using System.Collections.Concurrent;
using System.Globalization;
using Mayfly.Client;
using Mayfly.Commands;
using Mayfly.Output;
using Mayfly.Server.Services;

namespace Mayfly.Deploying;

/// <summary>One <c>mayfly up</c>, once its server is starting: the first deployment, the logs, and every edit after it.</summary>
/// <param name="terminal">What the user sees.</param>
/// <param name="project">The folder's service.</param>
/// <param name="client">The server.</param>
/// <param name="folder">The folder.</param>
/// <param name="time">The clock.</param>
public sealed class UpSession(Terminal terminal, Project project, AdminClient client, string folder, TimeProvider time) : IDisposable
{
    private readonly DeploymentReport _report = new(terminal, client.Endpoint.GetLeftPart(UriPartial.Authority));
    private readonly ConcurrentDictionary<Task, byte> _edits = new();
    private ServiceDeployer? _deployer;
    private ServiceManifest? _manifest;

    /// <summary>Runs until cancelled.</summary>
    /// <param name="ready">Completes when the server answers.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ManifestException">The first manifest cannot be used.</exception>
    public async Task RunAsync(Task ready, CancellationToken cancellationToken)
    {
        // 1. Watch first, so that an edit during the first build is not lost.
        using var watch = new FolderWatch(folder, time);
        _deployer = new ServiceDeployer(client, project.BuildAsync, project.PackLayerAsync, time) { Ready = ready };
        var logs = FollowLogsAsync(ready, cancellationToken);

        // 2. The first deployment.
        _manifest = project.Read();
        watch.Include(_manifest.Files, FoldersOf(_manifest));
        var builds = new ConcurrentQueue<FunctionBuild>();
        var first = _deployer.DeployAsync(_manifest, static _ => true, static _ => true, builds.Enqueue, cancellationToken);
        await ready;
        await first;
        _report.Show(_manifest, _deployer.Serving, [.. builds]);
        await IsolationNotice.ShowAsync(client, terminal, cancellationToken);
        terminal.Say("");
        terminal.Say("watching for changes (Ctrl-C stops)");

        // 3. Every edit. A slow build does not hold up the next edit.
        await foreach (var batch in watch.BatchesAsync(cancellationToken))
        {
            var edit = FollowEditAsync(watch, batch, cancellationToken);
            _edits[edit] = 0;
            _ = edit.ContinueWith(done => _edits.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        await logs;
    }

    /// <inheritdoc />
    public void Dispose() => _deployer?.Dispose();

    private async Task FollowEditAsync(FolderWatch watch, IReadOnlySet<string> paths, CancellationToken cancellationToken)
    {
        try
        {
            var again = _manifest!.File is null || paths.Overlaps(_manifest.Files);
            if (again)
            {
                _manifest = project.Read();
                watch.Include(_manifest.Files, FoldersOf(_manifest));
            }

            var current = _manifest;
            if (again || current.Functions.Any(function => Touches(function, paths)) || current.Layers.Any(layer => Touches(layer, paths)))
            {
                await _deployer!.DeployAsync(current, function => again || Touches(function, paths), layer => again || Touches(layer, paths), ShowEdit, cancellationToken);
            }
        }
        catch (ManifestException e)
        {
            terminal.Warn($"{e.Message} (the last good version serves on)");
        }
        catch (Exception e) when (e is RefusedException or NoServerException or IOException or UnauthorizedAccessException)
        {
            terminal.Warn(e.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end of the session.
        }
    }

    private void ShowEdit(FunctionBuild build)
    {
        if (build.Problem is not null)
        {
            _report.ShowFailure(build, _deployer!.Serving.Contains(build.Function.Name));
        }
        else if (build.Changed)
        {
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{build.Function.Name} is live again after {build.Took.TotalMilliseconds:0} ms"));
        }
    }

    private static IEnumerable<string> FoldersOf(ServiceManifest manifest) =>
        manifest.Functions.Select(static function => function.CodeFolder).Concat(manifest.Layers.Select(static layer => layer.Folder));

    private static bool Touches(FunctionDefinition function, IReadOnlySet<string> paths) => Touches(function.CodeFolder, function.Artifact, paths);

    private static bool Touches(LayerDefinition layer, IReadOnlySet<string> paths) => Touches(layer.Folder, layer.Artifact, paths);

    private static bool Touches(string folder, string? artifact, IReadOnlySet<string> paths) =>
        paths.Any(path => path == artifact || path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal) || folder.StartsWith(path + "/", StringComparison.Ordinal));

    private async Task FollowLogsAsync(Task ready, CancellationToken cancellationToken)
    {
        await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!cancellationToken.IsCancellationRequested)
        {
            var from = time.GetUtcNow();
            try
            {
                await foreach (var line in client.LogsAsync(null, from, follow: true, cancellationToken))
                {
                    LogsCommand.Show(terminal, line);
                }
            }
            catch (Exception e) when (e is NoServerException or RefusedException or OperationCanceledException)
            {
                // A server that is being started again comes back.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
