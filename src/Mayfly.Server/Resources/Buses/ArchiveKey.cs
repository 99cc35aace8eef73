namespace Mayfly.Server.Resources.Buses;

/// <summary>The unique name of an archive.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
/// <param name="Name">1 to 48 characters.</param>
public readonly record struct ArchiveKey(string Account, string Region, string Name)
{
    private const string Prefix = "archive/";

    /// <summary>The ARN.</summary>
    public string Arn => $"arn:aws:events:{Region}:{Account}:{Prefix}{Name}";

    /// <summary>Reads the ARN of an archive.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string arn, out ArchiveKey key)
    {
        var parts = arn.Split(':', 6);
        var isArchive = parts is ["arn", _, "events", _, _, var name] && name.StartsWith(Prefix, StringComparison.Ordinal) && name.Length > Prefix.Length;
        key = isArchive ? new(parts[4], parts[3], parts[5][Prefix.Length..]) : default;
        return isArchive;
    }

    /// <inheritdoc />
    public override string ToString() => Arn;
}
