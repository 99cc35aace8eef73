namespace Mayfly.Server.Functions.Layers;

/// <summary>The unique name of a layer: scoped by account and region, as on AWS.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">For example <c>us-east-1</c>.</param>
/// <param name="Name">Letters, digits, <c>-</c> and <c>_</c>.</param>
public readonly record struct LayerKey(string Account, string Region, string Name) : IComparable<LayerKey>
{
    /// <summary>The ARN, which names no version.</summary>
    public string Arn => $"arn:aws:lambda:{Region}:{Account}:layer:{Name}";

    /// <inheritdoc />
    public int CompareTo(LayerKey other)
    {
        var order = string.CompareOrdinal(Account, other.Account);
        order = order != 0 ? order : string.CompareOrdinal(Region, other.Region);
        return order != 0 ? order : string.CompareOrdinal(Name, other.Name);
    }

    /// <inheritdoc />
    public override string ToString() => Arn;
}
