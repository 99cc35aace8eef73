using System.Globalization;
using Mayfly.Sandboxd.Native;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Launching;

/// <summary>
/// How a tree comes to its place in a sandbox: layers to <c>/opt</c>, an image to <c>/</c>. As a rule it is mounted there whole.
/// Where something else has its place inside, nothing could be mounted in the read-only tree: then its entries are mounted one
/// by one around that.
/// </summary>
/// <remarks>The server owns the tree, so entries are held without following links, and a link is made again inside instead of mounted.</remarks>
internal sealed class TreeMounts : IDisposable
{
    // Where an image's /etc is seen whole. As deep as /etc, so that what its links say stays true.
    private const string Etc = "/.etc";

    // What an image does not bring itself to these places.
    private static readonly string[] NotOfImages = ["/proc", "/dev", "/tmp", "/etc", Etc, BorrowedTools.Folder];

    // The sandbox has its own. A list of libraries to preload would be heeded before rights are dropped.
    private static readonly string[] NotOfEtc = ["passwd", "group", "hosts", "resolv.conf", "nsswitch.conf", "ld.so.preload"];

    private readonly List<SafeFileHandle> _holds = [];
    private readonly List<string> _options = [];
    private readonly IReadOnlyList<string> _mounts;
    private readonly bool _byDescriptor;

    private TreeMounts(IReadOnlyList<string> mounts, bool byDescriptor) => (_mounts, _byDescriptor) = (mounts, byDescriptor);

    /// <summary>What bubblewrap is told.</summary>
    internal IReadOnlyList<string> Options => _options;

    /// <summary>Opens a tree.</summary>
    /// <param name="tree">A hold on it; disposed with the result, also when this fails.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="root">Its place inside: a folder without a slash at its end, so empty for <c>/</c>.</param>
    /// <param name="mounts">What else has a place inside, interpreters for example.</param>
    /// <param name="byDescriptor">Whether sources are named by our descriptors, which cannot be exchanged meanwhile.</param>
    internal static TreeMounts Open(SafeFileHandle tree, string path, string root, IReadOnlyList<string> mounts, bool byDescriptor)
    {
        var made = new TreeMounts(mounts, byDescriptor);
        try
        {
            made._holds.Add(tree);
            made.Add(tree, path, root, isRoot: true);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Opens an image's tree for <c>/</c>. Its <c>/etc</c> becomes links into it, because each mount costs time and a sandbox has files of its own there.</summary>
    /// <param name="tree">A hold on it; disposed with the result, also when this fails.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="byDescriptor">Whether sources are named by our descriptors.</param>
    internal static TreeMounts OpenImage(SafeFileHandle tree, string path, bool byDescriptor)
    {
        var made = Open(tree, path, "", NotOfImages, byDescriptor);
        try
        {
            if (new DirectoryInfo(LibC.PathOf(tree)).EnumerateDirectories("etc").Any(static folder => folder.LinkTarget is null))
            {
                made.AddLinks(LibC.OpenFolderNoFollow(tree, "etc"), path + "/etc");
            }

            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    public void Dispose() => _holds.ForEach(static hold => hold.Dispose());

    private void Add(SafeFileHandle folder, string path, string inside, bool isRoot)
    {
        if (!_mounts.Any(mount => IsBelow(mount, inside)))
        {
            _options.AddRange(["--ro-bind", Source(folder, path), inside]);
            return;
        }

        if (!isRoot)
        {
            _options.AddRange(["--perms", "0755", "--dir", inside]);
        }

        foreach (var entry in new DirectoryInfo(LibC.PathOf(folder)).EnumerateFileSystemInfos().OrderBy(static entry => entry.Name, StringComparer.Ordinal))
        {
            AddEntry(folder, entry, $"{path}/{entry.Name}", $"{inside}/{entry.Name}");
        }
    }

    private void AddLinks(SafeFileHandle etc, string path)
    {
        _holds.Add(etc);
        _options.AddRange(["--ro-bind", Source(etc, path), Etc]);
        foreach (var entry in new DirectoryInfo(LibC.PathOf(etc)).EnumerateFileSystemInfos().Where(static entry => !NotOfEtc.Contains(entry.Name, StringComparer.Ordinal)))
        {
            _options.AddRange(["--symlink", entry.LinkTarget ?? $"{Etc}/{entry.Name}", "/etc/" + entry.Name]);
        }
    }

    private void AddEntry(SafeFileHandle folder, FileSystemInfo entry, string path, string inside)
    {
        // What else has this very place wins: without it nothing runs.
        if (_mounts.Contains(inside, StringComparer.Ordinal))
        {
            return;
        }

        if (entry.LinkTarget is { } target)
        {
            if (!_mounts.Any(mount => IsBelow(mount, inside)))
            {
                _options.AddRange(["--symlink", target, inside]);
            }

            return;
        }

        var hold = entry is DirectoryInfo ? LibC.OpenFolderNoFollow(folder, entry.Name) : LibC.OpenFileNoFollow(folder, entry.Name);
        _holds.Add(hold);
        if (entry is DirectoryInfo)
        {
            Add(hold, path, inside, isRoot: false);
        }
        else if (!_mounts.Any(mount => IsBelow(mount, inside)))
        {
            _options.AddRange(["--ro-bind", Source(hold, path), inside]);
        }
    }

    private string Source(SafeFileHandle hold, string path) => _byDescriptor
        ? string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{(int)hold.DangerousGetHandle()}")
        : path;

    private static bool IsBelow(string path, string folder) => path.Length > folder.Length && path[folder.Length] == '/' && path.StartsWith(folder, StringComparison.Ordinal);
}
