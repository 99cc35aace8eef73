using System.Net.Sockets;
using System.Runtime.InteropServices;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Launching;

/// <summary>The pipes and sockets between a sandbox and the server: ours are passed on, theirs go into the child.</summary>
internal sealed class SandboxEnds : IDisposable
{
    private static readonly SafeFileHandle Nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read);
    private readonly List<(PassedDescriptor Kind, SafeHandle Handle)> _ours = [];
    private readonly List<SafeHandle> _theirs = [];
    private readonly Dictionary<int, SafeHandle> _inside = new() { [0] = Nothing };

    internal SandboxEnds(SandboxSpec spec)
    {
        var (read, write) = LibC.Pipe();
        LibC.MakeNonBlocking(read);
        _ours.Add((PassedDescriptor.Output, read));
        Give(1, write);
        _inside[2] = write;
        if (spec.Channel)
        {
            var (mine, other) = LibC.StreamSocketPair();
            _ours.Add((PassedDescriptor.Channel, mine));
            Give(3, other);
        }

        if (spec.Supervised)
        {
            var (extensions, extensionsWrite) = LibC.Pipe();
            LibC.MakeNonBlocking(extensions);
            _ours.Add((PassedDescriptor.ExtensionOutput, extensions));
            Give(4, extensionsWrite);
            var (control, other) = LibC.StreamSocketPair();
            _ours.Add((PassedDescriptor.Control, control));
            Give(5, other);
        }
    }

    /// <summary>What the child gets, by number inside.</summary>
    internal IReadOnlyDictionary<int, SafeHandle> Inside => _inside;

    /// <summary>What the server gets.</summary>
    internal IReadOnlyList<(PassedDescriptor Kind, SafeHandle Handle)> Ours => _ours;

    /// <summary>Gives the child one more descriptor, which is then this object's to close.</summary>
    internal void Give(int number, SafeHandle handle)
    {
        _inside[number] = handle;
        _theirs.Add(handle);
    }

    /// <summary>Passes one more descriptor to the server.</summary>
    internal void Pass(PassedDescriptor kind, SafeHandle handle) => _ours.Add((kind, handle));

    /// <summary>Passes what the server reads and writes of a control group.</summary>
    internal void Pass(CgroupLeaf leaf)
    {
        Pass(PassedDescriptor.PeakMemory, leaf.OpenPeak());
        if (leaf.OpenFreezer() is var (kind, handle))
        {
            Pass(kind, handle);
        }
    }

    /// <summary>Makes the private network and the listener that the spec asks for. Called on the thread that spawns.</summary>
    /// <returns>Whether the thread is in a network of its own now.</returns>
    internal bool EnterNetwork(SandboxSpec spec)
    {
        if (!spec.PrivateNetwork)
        {
            return false;
        }

        if (!PrivateNetwork.TryEnter())
        {
            return spec.RuntimeApiListener && !spec.ListenerIsOptional
                ? throw new StartRefusedException("A private network with the Runtime API needs sandboxd to run as root or in a user namespace of its own.")
                : false;
        }

        if (spec.RuntimeApiListener)
        {
            Socket listener = PrivateNetwork.Listen();
            Pass(PassedDescriptor.Listener, listener.SafeHandle);
        }

        return true;
    }

    /// <summary>Closes our copies of what the child has, so that its end is seen.</summary>
    internal void CloseTheirs() => _theirs.ForEach(h => h.Dispose());

    /// <summary>Closes everything; what was passed lives on at the server.</summary>
    public void Dispose()
    {
        CloseTheirs();
        _ours.ForEach(o => o.Handle.Dispose());
    }
}
