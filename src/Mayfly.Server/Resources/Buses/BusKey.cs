namespace Mayfly.Server.Resources.Buses;

/// <summary>The unique name of an event bus.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
/// <param name="Name">1 to 256 characters.</param>
public readonly record struct BusKey(string Account, string Region, string Name)
{
    /// <summary>The bus that every account has in every region.</summary>
    public const string Default = "default";

    private const string Prefix = "event-bus/";

    /// <summary>The ARN.</summary>
    public string Arn => $"arn:aws:events:{Region}:{Account}:{Prefix}{Name}";

    /// <summary>Reads the ARN of a bus.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string arn, out BusKey key)
    {
        var parts = arn.Split(':', 6);
        var isBus = parts is ["arn", _, "events", _, _, ['e', 'v', 'e', 'n', 't', '-', 'b', 'u', 's', '/', _, ..]];
        key = isBus ? new(parts[4], parts[3], parts[5][Prefix.Length..]) : default;
        return isBus;
    }

    /// <inheritdoc />
    public override string ToString() => Arn;
}
