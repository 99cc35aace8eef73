using Mayfly.Sandboxd.Native;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Stems;

/// <summary>
/// Attaches mounts inside sandboxes that run already: the calling thread goes into the sandbox's mount namespace and comes back. No other thread
/// sees anything of it.
/// </summary>
internal sealed class TreeMounter : IDisposable
{
    private readonly Lazy<SafeFileHandle> _own = new(static () => LibC.OpenNamespace(Environment.ProcessId, "mnt"));

    /// <summary>Attaches trees, and sets the size of <c>/tmp</c>.</summary>
    /// <param name="mounts">The mount namespace of a sandbox in which nothing of a user's has run yet, so that its paths are what they seem.</param>
    /// <param name="trees">What to attach where.</param>
    /// <param name="tmpBytes">The new size; <see langword="null"/> to leave it.</param>
    internal void Attach(SafeFileHandle mounts, IReadOnlyList<(SafeFileHandle Tree, string Folder)> trees, long? tmpBytes)
    {
        var own = _own.Value;

        // A thread that shares its root folder with others may not leave; each that it starts shares it anew.
        LibC.Check(LibC.Unshare(LibC.CloneFileSystem), "unshare");
        LibC.Enter(mounts, LibC.CloneNewMount);
        try
        {
            foreach (var (tree, folder) in trees)
            {
                MountTree.Attach(tree, folder);
            }

            if (tmpBytes is { } bytes)
            {
                MountTree.Resize("/tmp", bytes);
            }
        }
        finally
        {
            LibC.Enter(own, LibC.CloneNewMount);
        }
    }

    public void Dispose()
    {
        if (_own.IsValueCreated)
        {
            _own.Value.Dispose();
        }
    }
}
