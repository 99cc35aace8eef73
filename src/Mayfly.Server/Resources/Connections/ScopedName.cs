namespace Mayfly.Server.Resources.Connections;

/// <summary>A name within an account and a region.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
/// <param name="Name">1 to 64 characters.</param>
public readonly record struct ScopedName(string Account, string Region, string Name)
{
    /// <summary>The ARN of what has this name.</summary>
    /// <param name="kind">What it is: <c>connection</c> or <c>api-destination</c>.</param>
    /// <param name="id">Its unique id, as a name may be used again.</param>
    public string Arn(string kind, string id) => $"arn:aws:events:{Region}:{Account}:{kind}/{Name}/{id}";

    /// <summary>Reads an ARN.</summary>
    /// <returns>Whether it is one of this kind.</returns>
    public static bool TryParse(string arn, string kind, out ScopedName name)
    {
        var parts = arn.Split(':', 6);
        var path = parts.Length == 6 ? parts[5].Split('/') : [];
        var isKind = parts is ["arn", _, "events", ..] && path.Length == 3 && path[0] == kind;
        name = isKind ? new(parts[4], parts[3], path[1]) : default;
        return isKind;
    }
}
