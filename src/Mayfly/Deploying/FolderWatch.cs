using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Mayfly.Deploying;

/// <summary>Reports which files of a project changed, in batches: what an editor does in one save comes as one.</summary>
public sealed class FolderWatch : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);
    private static readonly string[] Ignored = [Supervision.StateFolder.FolderName, ".git", "node_modules", "__pycache__", "bin", "obj", ".vs", ".idea"];
    private readonly Channel<string> _changes = Channel.CreateUnbounded<string>();
    private readonly Dictionary<string, FileSystemWatcher> _watchers = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;

    // What we print may be sent to a file in the very folder: reporting it would never end.
    private readonly HashSet<string> _ownOutput;

    /// <summary>Watches a folder with all below.</summary>
    public FolderWatch(string folder, TimeProvider time)
    {
        _time = time;
        _ownOutput = [.. new[] { "/proc/self/fd/1", "/proc/self/fd/2" }.Select(static link => new FileInfo(link).LinkTarget).OfType<string>()];
        Folder = folder;
        Add(folder, deep: true);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Watches these files and folders too, where they lie outside.</summary>
    public void Include(IEnumerable<string> files, IEnumerable<string> folders)
    {
        foreach (var folder in folders)
        {
            Add(folder, deep: true);
        }

        foreach (var parent in files.Select(Path.GetDirectoryName).OfType<string>())
        {
            Add(parent, deep: false);
        }
    }

    /// <summary>Batches of changed paths, absolute, until cancelled.</summary>
    public async IAsyncEnumerable<IReadOnlySet<string>> BatchesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _changes.Reader.WaitToReadAsync(cancellationToken))
        {
            var batch = new HashSet<string>(StringComparer.Ordinal);
            while (true)
            {
                var before = batch.Count;
                while (_changes.Reader.TryRead(out var path))
                {
                    batch.Add(path);
                }

                if (batch.Count == before)
                {
                    break;
                }

                await Task.Delay(Quiet, _time, cancellationToken);
            }

            if (batch.Count > 0)
            {
                yield return batch;
            }
        }
    }

    /// <summary>Whether a path is one that tools and editors make beside the code.</summary>
    public static bool IsNoise(string root, string path)
    {
        var relative = Path.GetRelativePath(root, path);
        var name = Path.GetFileName(path);
        return name.EndsWith('~') || name.EndsWith(".swp", StringComparison.Ordinal) || name == "4913"
            || relative.Split('/').Any(part => Ignored.Contains(part, StringComparer.Ordinal));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var watcher in _watchers.Values)
        {
            watcher.Dispose();
        }
    }

    private void Add(string folder, bool deep)
    {
        if (!Directory.Exists(folder) || _watchers.Any(known => folder == known.Key || (known.Value.IncludeSubdirectories && folder.StartsWith(known.Key + "/", StringComparison.Ordinal))))
        {
            return;
        }

        var watcher = new FileSystemWatcher(folder)
        {
            IncludeSubdirectories = deep,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.Attributes,
        };
        watcher.Created += (_, change) => Report(folder, change.FullPath);
        watcher.Changed += (_, change) => Report(folder, change.FullPath);
        watcher.Deleted += (_, change) => Report(folder, change.FullPath);
        watcher.Renamed += (_, change) =>
        {
            Report(folder, change.OldFullPath);
            Report(folder, change.FullPath);
        };
        // Too many changes at once to name them: everything may have changed.
        watcher.Error += (_, _) => _changes.Writer.TryWrite(folder);
        watcher.EnableRaisingEvents = true;
        _watchers[folder] = watcher;
    }

    private void Report(string root, string path)
    {
        if (!IsNoise(root, path) && !_ownOutput.Contains(path))
        {
            _changes.Writer.TryWrite(path);
        }
    }
}
