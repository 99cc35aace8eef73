using Mayfly.Sandboxd;

namespace Mayfly.Roles;

/// <summary>The role that starts sandboxes; it alone may have rights.</summary>
public static class SandboxdRole
{
    /// <summary>The word that selects it.</summary>
    public const string Name = "sandboxd";

    /// <summary>Runs until the parent ends or asks to stop.</summary>
    public static async Task<int> RunAsync(string[] words)
    {
        using var watch = ParentWatch.Begin();
        var arguments = new RoleArguments(words);
        return await SandboxdServer.RunAsync(new SandboxdOptions(arguments.Text("--state"), (uint?)arguments.Number("--server-uid")), watch.Stopping);
    }
}
