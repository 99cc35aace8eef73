using Mayfly.Client;
using Mayfly.Output;

namespace Mayfly.Deploying;

/// <summary>Says once, at start, what this machine lacks to keep functions apart and to limit them, and how to mend it.</summary>
public static class IsolationNotice
{
    /// <summary>Asks the server and tells the user. Says nothing where nothing is missing.</summary>
    public static async Task ShowAsync(AdminClient client, Terminal terminal, CancellationToken cancellationToken)
    {
        var walls = await client.SandboxesAsync(cancellationToken);
        if (walls.Isolation == "process")
        {
            terminal.Warn("NO ISOLATION: functions run as plain processes that can read and change what their user can");
        }

        foreach (var line in walls.Missing)
        {
            terminal.Warn(line);
        }
    }
}
