namespace Mayfly.Server.Resources.Buses;

/// <summary>The unique name of a rule.</summary>
/// <param name="Bus">The bus whose events it sees.</param>
/// <param name="Name">1 to 64 characters.</param>
public readonly record struct RuleKey(BusKey Bus, string Name)
{
    /// <summary>The ARN, which names the bus unless it is the default one.</summary>
    public string Arn => $"arn:aws:events:{Bus.Region}:{Bus.Account}:rule/{(Bus.Name == BusKey.Default ? "" : Bus.Name + "/")}{Name}";

    /// <summary>Reads the ARN of a rule.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string arn, out RuleKey key)
    {
        var parts = arn.Split(':', 6);
        var names = parts.Length == 6 ? parts[5].Split('/') : [];
        var isRule = parts is ["arn", _, "events", ..] && names is ["rule", _] or ["rule", _, _];
        key = isRule ? new(new(parts[4], parts[3], names.Length == 2 ? BusKey.Default : names[1]), names[^1]) : default;
        return isRule;
    }

    /// <inheritdoc />
    public override string ToString() => Arn;
}
