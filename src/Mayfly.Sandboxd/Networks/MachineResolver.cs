using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mayfly.Sandboxd.Networks;

/// <summary>How names are resolved in networks with a way out, read from the machine's <c>resolv.conf</c>.</summary>
/// <param name="Text">The <c>resolv.conf</c> for inside.</param>
/// <param name="IsRelayed">
/// Whether it names an address inside, because the machine's own name servers can be asked on the outside only: they
/// listen on the machine itself or at a link-local address.
/// </param>
internal sealed record MachineResolver(string Text, bool IsRelayed)
{
    private const string Usual = "/etc/resolv.conf";

    // Where a local resolver that stands in for others says which.
    private const string BehindLocal = "/run/systemd/resolve/resolv.conf";
    private static Seen? _last;

    /// <summary>As it is now: a machine that changes its network changes it too. Asked for on a thread that is in the machine's network.</summary>
    internal static MachineResolver Current
    {
        get
        {
            var (usual, behind) = (ChangeOf(Usual), ChangeOf(BehindLocal));
            if (_last is { } last && last.Usual == usual && last.Behind == behind)
            {
                return last.Known;
            }

            var read = From([Lines(Usual), Lines(BehindLocal)], IsOfThisMachine);
            _last = new(usual, behind, read);
            return read;
        }
    }

    /// <summary>Decides from the files, the first that names a server that can be reached.</summary>
    internal static MachineResolver From(IReadOnlyList<string[]> files, Func<IPAddress, bool> isOfThisMachine)
    {
        var others = files[0].Where(static line => Words(line) is ["search" or "domain" or "options", ..]).ToList();
        foreach (var file in files)
        {
            var servers = file.Select(ServerOf).OfType<IPAddress>().Where(server => IsBeyond(server) && !isOfThisMachine(server)).ToList();
            if (servers.Count > 0)
            {
                return new(Write(servers.Select(static server => server.ToString()), others), IsRelayed: false);
            }
        }

        return new(Write([NameSockets.Address], others), IsRelayed: true);
    }

    private static string Write(IEnumerable<string> servers, List<string> others) =>
        string.Concat(servers.Select(static server => $"nameserver {server}\n").Concat(others.Select(static line => line + "\n")));

    private static IPAddress? ServerOf(string line) => Words(line) is ["nameserver", var address, ..] && IPAddress.TryParse(address, out var server) ? server : null;

    private static string[] Words(string line) => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static bool IsBeyond(IPAddress server) =>
        server.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(server) && !server.Equals(IPAddress.Any) && server.GetAddressBytes() is not [169, 254, ..];

    // Only an address of the machine can be bound to.
    private static bool IsOfThisMachine(IPAddress server)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            probe.Bind(new IPEndPoint(server, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // It is a link mostly, and what it leads to changes.
    private static DateTime ChangeOf(string path) =>
        File.Exists(path) ? File.GetLastWriteTimeUtc(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path) : default;

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private sealed record Seen(DateTime Usual, DateTime Behind, MachineResolver Known);
}
