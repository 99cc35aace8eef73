using System.Buffers.Binary;
using System.ComponentModel;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Stems;

/// <summary>Makes a stem the sandbox of a function: brings the code, tells the environment, sets the limits.</summary>
internal sealed class StemAssigner(LaunchTools tools) : IDisposable
{
    private const byte AssignFrame = 4;
    private const int HeaderSize = 9;
    private readonly TreeMounter _mounter = new();

    /// <summary>Whether this can be made of a stem: where an interpreter lies within the layers' place, mounts would cover each other.</summary>
    internal static bool CanAssign(SandboxSpec spec) =>
        spec is { CodeIsRoot: false, Supervised: false, IsTemplate: false, Folder: SandboxSpec.CodeFolder } && !spec.Mounts.Any(static mount => mount.StartsWith("/opt/", StringComparison.Ordinal));

    /// <summary>Gives a function to a stem.</summary>
    /// <exception cref="StartRefusedException">It did not work; the stem has to be discarded.</exception>
    internal void Assign(Stem stem, SandboxSpec spec)
    {
        List<(SafeFileHandle Tree, string Folder)> trees = [];
        try
        {
            trees.Add((Open(spec.CodeSha256), SandboxSpec.CodeFolder));
            if (spec.LayersSha256 is { } layers)
            {
                trees.Add((Open(layers), "/opt"));
            }

            _mounter.Attach(stem.Mounts, trees, spec.TmpMb == StemSpec.TmpMb ? null : spec.TmpMb * 1024L * 1024L);
            LibC.WriteAll(stem.Channel, Frame(spec.Environment));
            stem.Sandbox.Leaf?.Resize(spec.MemoryMb * 1024L * 1024L, Cgroups.Cores(spec.MemoryMb));
            stem.Sandbox.Id = spec.Id;
            stem.Mounts.Dispose();
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"A stem could not take the function: {e.Message}");
        }
        finally
        {
            trees.ForEach(static tree => tree.Tree.Dispose());
        }
    }

    public void Dispose() => _mounter.Dispose();

    private SafeFileHandle Open(string sha256)
    {
        using var folder = tools.Folders.HoldCode(sha256);
        return MountTree.OpenReadOnly(folder);
    }

    private static ReadOnlySpan<byte> Frame(IReadOnlyDictionary<string, string> environment)
    {
        var json = PackedEnvironment.Pack(environment);
        var frame = new byte[HeaderSize + json.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, json.Length);
        frame[sizeof(int)] = AssignFrame;
        json.CopyTo(frame.AsSpan(HeaderSize));
        return frame;
    }
}
