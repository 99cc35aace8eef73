namespace Mayfly.Sandboxd.Launching;

/// <summary>All kinds of sandboxes, the best first.</summary>
internal static class SandboxKinds
{
    /// <summary>The launchers in the order in which they are tried. The last one always works.</summary>
    internal static IReadOnlyList<ISandboxLauncher> All(LaunchTools tools) =>
    [
        new BubblewrapLauncher(tools),
        new PlainLauncher(tools),
    ];

    /// <summary>Picks the best kind that works here; what was tried in vain goes into <paramref name="missing"/>.</summary>
    internal static async Task<ISandboxLauncher> PickAsync(LaunchTools tools, string? only, List<string> missing, CancellationToken cancellationToken)
    {
        var all = All(tools).Where(k => only is null || k.Kind == only).ToList();
        foreach (var launcher in all)
        {
            if (await launcher.TestAsync(cancellationToken) is not { } why)
            {
                return launcher;
            }

            missing.Add(why);
        }

        return all[^1];
    }
}
