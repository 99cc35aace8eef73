using Mayfly.Sandboxd.Native;

namespace Mayfly.Sandboxd;

/// <summary>The users that sandboxes have where sandboxd is root: each one of its own, and nobody else on a machine has them.</summary>
public static class SandboxUsers
{
    /// <summary>The user of the sandbox in slot 0.</summary>
    public const int First = 1_900_000_001;

    /// <summary>The user of the server, who is none of them.</summary>
    public const int Server = First - 1;

    /// <summary>Whether sandboxes that this process lives beside can have such users.</summary>
    public static bool AreInUse { get; } = OperatingSystem.IsLinux() && LibC.GetEffectiveUser() is 0 or Server;

    /// <summary>Whether a user is one of them.</summary>
    public static bool Contains(uint uid) => uid >= First && uid - First < Launching.LaunchTools.MostSandboxes;
}
