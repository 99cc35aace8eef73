namespace Mayfly.Server.Dialects.Aws.Signing;

/// <summary>What came of checking a signature against a secret.</summary>
public enum SignatureVerdict
{
    /// <summary>It is right.</summary>
    Right,

    /// <summary>It was made for another request, with another secret, or in a way that cannot be checked here.</summary>
    Wrong,

    /// <summary>It does not say when, or which headers, or says it in two ways.</summary>
    Incomplete,

    /// <summary>It is too old.</summary>
    Expired,

    /// <summary>It is from the future.</summary>
    NotYetCurrent,
}
