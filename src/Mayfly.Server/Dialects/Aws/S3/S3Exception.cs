namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>A request that S3 refuses, in its own words.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">S3's code.</param>
/// <param name="message">As S3 words it.</param>
/// <param name="extras">Further elements of the answer.</param>
internal sealed class S3Exception(int status, string code, string message, params (string Name, string Value)[] extras) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public (string Name, string Value)[] Extras { get; } = extras;

    /// <summary>Headers of the answer, such as <c>x-amz-delete-marker</c>.</summary>
    public (string Name, string Value)[] Headers { get; init; } = [];
}
