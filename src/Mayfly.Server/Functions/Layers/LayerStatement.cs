namespace Mayfly.Server.Functions.Layers;

/// <summary>Who else may use a layer version.</summary>
/// <param name="Id">Unique in the version's policy.</param>
/// <param name="Principal"><c>*</c>, an account, or the ARN of an account's root.</param>
/// <param name="Organization">Only accounts of this organisation; <see langword="null"/> for no such condition.</param>
public sealed record LayerStatement(string Id, string Principal, string? Organization)
{
    /// <summary>Whether it lets an account in. Organisations are not known here, so every account counts as a member.</summary>
    public bool Allows(string account) => Principal == "*" || Principal == account || Principal == $"arn:aws:iam::{account}:root";
}
