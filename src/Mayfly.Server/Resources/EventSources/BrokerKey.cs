namespace Mayfly.Server.Resources.EventSources;

/// <summary>The unique name of a broker: names are scoped by account and region.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
/// <param name="Name">1 to 50 letters, digits, hyphens and underscores.</param>
public readonly record struct BrokerKey(string Account, string Region, string Name)
{
    /// <summary>Most characters of a name.</summary>
    public const int MaxName = 50;

    /// <summary>Reads the ARN of a broker, <c>arn:aws:mq:&lt;region&gt;:&lt;account&gt;:broker:&lt;name&gt;:&lt;id&gt;</c>. The id may be any, or lacking.</summary>
    public static bool TryParse(string arn, out BrokerKey key)
    {
        key = arn.Split(':') is ["arn", _, "mq", { Length: > 0 } region, { Length: > 0 } account, "broker", var name, ..] && IsName(name) ? new(account, region, name) : default;
        return key.Name is not null;
    }

    /// <summary>Whether a broker can be called so.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaxName && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <inheritdoc />
    public override string ToString() => $"arn:aws:mq:{Region}:{Account}:broker:{Name}";
}
