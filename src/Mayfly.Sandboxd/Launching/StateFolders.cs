using Mayfly.Sandboxd.Native;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Launching;

/// <summary>Where code, shims and interpreters lie below the state folder.</summary>
internal sealed class StateFolders(string state)
{
    private readonly InterpreterMounts _interpreters = new(Path.Combine(state, "prepared", "interpreters.json"));

    /// <summary>The unpacked tree of a code package.</summary>
    internal string CodeOf(string sha256)
    {
        var folder = Path.Combine(state, "store", "code", sha256);
        return Directory.Exists(folder) ? folder : throw new StartRefusedException($"The code package {sha256} is not unpacked.");
    }

    /// <summary>A hold on a code tree that cannot be turned into a link to elsewhere meanwhile: the server owns the folders around it.</summary>
    internal SafeFileHandle HoldCode(string sha256)
    {
        using var store = LibC.OpenFolderNoFollow(null, Path.Combine(state, "store"));
        using var code = LibC.OpenFolderNoFollow(store, "code");
        return LibC.OpenFolderNoFollow(code, sha256);
    }

    /// <summary>The folder of a shim.</summary>
    internal string ShimOf(string name)
    {
        var folder = Path.Combine(state, "prepared", "shims", name);
        return Directory.Exists(folder) ? folder : throw new StartRefusedException($"The shim {name} does not exist.");
    }

    /// <summary>Refuses a program that is not in the table of interpreters.</summary>
    internal void CheckInterpreter(string program)
    {
        if (!_interpreters.IsInterpreter(program))
        {
            throw new StartRefusedException($"{program} is no interpreter that was found at start.");
        }
    }

    /// <summary>Refuses a mount that is not in the table of interpreters.</summary>
    internal void CheckMounts(IReadOnlyList<string> mounts)
    {
        foreach (var mount in mounts)
        {
            if (!_interpreters.Allows(mount))
            {
                throw new StartRefusedException($"The folder {mount} belongs to no interpreter that was found at start.");
            }
        }
    }
}
