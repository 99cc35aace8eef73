namespace Mayfly.Server.Dialects.Aws.Lambda.Json;

/// <summary>Where a zip is: in the request, or in a bucket.</summary>
internal interface ICodeLocation
{
    byte[]? ZipFile { get; }

    string? S3Bucket { get; }

    string? S3Key { get; }

    string? S3ObjectVersion { get; }
}
