namespace Mayfly.Server.Resources.Topics;

/// <summary>The unique name of a topic.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
/// <param name="Name">1 to 256 characters.</param>
public readonly record struct TopicKey(string Account, string Region, string Name)
{
    private const string FifoSuffix = ".fifo";

    /// <summary>The ARN.</summary>
    public string Arn => $"arn:aws:sns:{Region}:{Account}:{Name}";

    /// <summary>Whether it keeps messages of a group in order and refuses duplicates: its name says so.</summary>
    public bool IsFifo => Name.EndsWith(FifoSuffix, StringComparison.Ordinal);

    /// <summary>Reads the ARN of a topic.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string arn, out TopicKey key) => TryParse(arn.Split(':'), 6, out key);

    /// <summary>Reads the topic from the ARN of a subscription, which is the topic's with an id behind it.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParseSubscription(string arn, out TopicKey topic) => TryParse(arn.Split(':'), 7, out topic);

    /// <summary>Whether a text may name a topic.</summary>
    public static bool IsName(string name)
    {
        var bare = name.EndsWith(FifoSuffix, StringComparison.Ordinal) ? name.AsSpan(0, name.Length - FifoSuffix.Length) : name;
        return name.Length <= 256 && !bare.IsEmpty && !bare.ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    }

    /// <inheritdoc />
    public override string ToString() => Arn;

    private static bool TryParse(string[] parts, int length, out TopicKey key)
    {
        var isTopic = parts.Length == length && parts is ["arn", _, "sns", { Length: > 0 }, { Length: > 0 }, var name, ..] && IsName(name);
        key = isTopic ? new(parts[4], parts[3], parts[5]) : default;
        return isTopic;
    }
}
