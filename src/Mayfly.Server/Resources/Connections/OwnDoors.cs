namespace Mayfly.Server.Resources.Connections;

/// <summary>Which requests this server never makes to itself: those to its own admin API, as whoever may write a rule need not be its admin. Pure.</summary>
internal static class OwnDoors
{
    private const string Admin = "/_mayfly";

    /// <summary>Whether a URL is none that may be asked. The host does not matter: names may mean this machine too.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="port">The server's port.</param>
    public static bool Refuses(Uri url, int port) =>
        url.Port == port && Uri.UnescapeDataString(url.AbsolutePath).Contains(Admin, StringComparison.OrdinalIgnoreCase);
}
