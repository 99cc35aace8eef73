namespace Mayfly.Server.Identity;

/// <summary>What a function signs its calls with. Prints nothing of it, so that no log can.</summary>
/// <param name="AccessKeyId"><c>ASIA</c> and 16 letters and digits.</param>
/// <param name="SecretAccessKey">40 characters.</param>
/// <param name="SessionToken">Says to whom they were issued, and until when they count.</param>
public sealed record IssuedCredentials(string AccessKeyId, string SecretAccessKey, string SessionToken)
{
    /// <inheritdoc/>
    public override string ToString() => AccessKeyId;
}
