namespace Mayfly.Sandboxd.Networks;

/// <summary>
/// Lets answers come back to sandboxes: the interfaces of a machine that does not forward are told to, one by one, and a
/// rule each keeps them from forwarding for anybody else. A machine that forwards anyway is left as it is.
/// </summary>
/// <param name="owner">Where it is recorded what was changed.</param>
/// <param name="firewall">Where the rules go.</param>
internal sealed class Forwarding(OwnerRecord owner, Firewall firewall)
{
    private const string Settings = "/proc/sys/net/ipv4/conf";
    private const string Machine = "/proc/sys/net/ipv4/ip_forward";
    private static readonly TimeSpan LookPause = TimeSpan.FromSeconds(1);
    private readonly HashSet<string> _switched = new(StringComparer.Ordinal);
    private long _looked;

    /// <summary>Switches on what there is; interfaces come while we run, so it looks again now and then.</summary>
    internal void SwitchOn()
    {
        if (_looked != 0 && TimeProvider.System.GetElapsedTime(_looked) < LookPause)
        {
            return;
        }

        _looked = TimeProvider.System.GetTimestamp();
        if (IsOn(Machine))
        {
            return;
        }

        foreach (var folder in Directory.EnumerateDirectories(Settings))
        {
            var name = Path.GetFileName(folder);
            if (name is "all" or "default" or "lo" || name.StartsWith(VirtualCable.NamePrefix, StringComparison.Ordinal))
            {
                continue;
            }

            var on = IsOn(SettingOf(name));
            if (!_switched.Contains(name) && (!on || owner.IsKnownToOthers(name)))
            {
                owner.Add(name);
                firewall.Restrict(name);
                _switched.Add(name);
            }

            if (!on)
            {
                Write(name, "1");
            }
        }
    }

    /// <summary>Switches off what was switched on, unless another needs it or the machine forwards by now.</summary>
    internal static void PutBack(OwnerRecord owner)
    {
        if (IsOn(Machine))
        {
            return;
        }

        foreach (var name in owner.Interfaces.Where(name => !owner.IsKnownToOthers(name)))
        {
            Write(name, "0");
        }
    }

    private static string SettingOf(string name) => Path.Combine(Settings, name, "forwarding");

    private static bool IsOn(string setting)
    {
        try
        {
            return File.ReadAllText(setting).Trim() != "0";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The interface went away in this moment.
            return true;
        }
    }

    private static void Write(string name, string value)
    {
        try
        {
            File.WriteAllText(SettingOf(name), value);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // As above.
        }
    }
}
