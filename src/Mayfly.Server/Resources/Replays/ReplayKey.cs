namespace Mayfly.Server.Resources.Replays;

/// <summary>The unique name of a replay.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
/// <param name="Name">1 to 64 characters.</param>
public readonly record struct ReplayKey(string Account, string Region, string Name)
{
    /// <summary>The ARN.</summary>
    public string Arn => $"arn:aws:events:{Region}:{Account}:replay/{Name}";

    /// <inheritdoc />
    public override string ToString() => Arn;
}
