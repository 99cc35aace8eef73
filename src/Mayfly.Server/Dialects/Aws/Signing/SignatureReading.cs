namespace Mayfly.Server.Dialects.Aws.Signing;

/// <summary>What was found where a request's signature stands.</summary>
public enum SignatureReading
{
    /// <summary>No signature of AWS's kind.</summary>
    Absent,

    /// <summary>Something that means to be one and is not.</summary>
    Malformed,

    /// <summary>A signature; whether it is right was not looked at.</summary>
    Signed,
}
