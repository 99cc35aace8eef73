using System.Runtime.InteropServices;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Networks;
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

        if (spec.IsTemplate)
        {
            (Orders, var orders) = LibC.StreamSocketPair();
            Give(5, orders);
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

    /// <summary>Our end of what tells a template to fork; <see langword="null"/> for others. Not closed with the rest.</summary>
    internal SafeFileHandle? Orders { get; }

    /// <summary>What the child gets, by number inside.</summary>
    internal IReadOnlyDictionary<int, SafeHandle> Inside => _inside;

    /// <summary>What the server gets.</summary>
    internal IReadOnlyList<(PassedDescriptor Kind, SafeHandle Handle)> Ours => _ours;

    /// <summary>What the server gets of a kind.</summary>
    internal SafeHandle this[PassedDescriptor kind] => _ours.Single(one => one.Kind == kind).Handle;

    /// <summary>Gives the child one more descriptor, which is then this object's to close.</summary>
    internal void Give(int number, SafeHandle handle)
    {
        _inside[number] = handle;
        _theirs.Add(handle);
    }

    /// <summary>Gives the child a descriptor that stays its owner's to close.</summary>
    internal void Share(int number, SafeHandle handle) => _inside[number] = handle;

    /// <summary>Takes out what would be passed to the server. It is the caller's from now on.</summary>
    internal nint Take(PassedDescriptor kind)
    {
        var index = _ours.FindIndex(one => one.Kind == kind);
        var handle = _ours[index].Handle;
        _ours.RemoveAt(index);
        var descriptor = handle.DangerousGetHandle();
        handle.SetHandleAsInvalid();
        return descriptor;
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

    /// <summary>Passes the listeners of a network.</summary>
    internal void Pass(SandboxNetwork network)
    {
        Pass(PassedDescriptor.Listener, network.RuntimeApi.SafeHandle);
        Pass(PassedDescriptor.Doors, network.Doors.SafeHandle);
        if (network.Names is { } names)
        {
            Pass(PassedDescriptor.NameDatagrams, names.Datagrams.SafeHandle);
            Pass(PassedDescriptor.NameConnections, names.Connections.SafeHandle);
        }
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
