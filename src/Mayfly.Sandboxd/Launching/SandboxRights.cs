using System.Globalization;
using Mayfly.Sandboxd.Native;

namespace Mayfly.Sandboxd.Launching;

/// <summary>With which rights sandboxes are walled in.</summary>
internal enum SandboxRights
{
    /// <summary>Real root: no user namespace, each sandbox has a user of its own.</summary>
    Root,

    /// <summary>A user namespace for each sandbox, in which it is an ordinary user.</summary>
    UserNamespace,
}

/// <summary>Finds out which rights this process has.</summary>
internal static class SandboxRightsProbe
{
    /// <summary>The user inside a user namespace.</summary>
    internal const int InnerUid = 1000;

    /// <summary>Root of a user namespace that lacks the sandboxes' users counts as an ordinary user.</summary>
    internal static SandboxRights OfThisProcess() =>
        LibC.GetEffectiveUser() == 0 && Maps(File.ReadAllLines("/proc/self/uid_map"), SandboxUsers.First) ? SandboxRights.Root : SandboxRights.UserNamespace;

    private static bool Maps(string[] lines, uint uid) => lines.Any(line =>
    {
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var first = uint.Parse(parts[0], CultureInfo.InvariantCulture);
        return uid >= first && uid - first < uint.Parse(parts[2], CultureInfo.InvariantCulture);
    });
}
