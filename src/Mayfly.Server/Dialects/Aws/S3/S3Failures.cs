using Mayfly.Server.Resources.Objects;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>The store's expected ends on the wire. They are named alike.</summary>
internal static class S3Failures
{
    public static S3Exception Of(ObjectException failure)
    {
        var status = failure.Failure switch
        {
            ObjectFailure.NoSuchBucket or ObjectFailure.NoSuchKey or ObjectFailure.NoSuchVersion or ObjectFailure.NoSuchUpload => 404,
            ObjectFailure.BucketNotEmpty or ObjectFailure.ConditionalRequestConflict => 409,
            ObjectFailure.PreconditionFailed => 412,
            ObjectFailure.MethodNotAllowed => 405,
            ObjectFailure.InvalidBucketName or ObjectFailure.KeyTooLongError or ObjectFailure.InvalidArgument or ObjectFailure.InvalidRequest or ObjectFailure.InvalidPart
                or ObjectFailure.InvalidPartOrder or ObjectFailure.EntityTooSmall or ObjectFailure.EntityTooLarge or ObjectFailure.BadDigest => 400,
        };
        return new(status, failure.Failure.ToString(), failure.Message, [.. failure.Details]) { Headers = failure.Marker is { } marker ? OfMarker(marker, status) : [] };
    }

    private static (string, string)[] OfMarker(ObjectVersion marker, int status) => status == 405
        ? [("x-amz-delete-marker", "true"), ("x-amz-version-id", marker.VersionId), ("Last-Modified", ObjectAnswers.HeaderTime(marker.LastModified)), ("Allow", "DELETE")]
        : [("x-amz-delete-marker", "true"), ("x-amz-version-id", marker.VersionId)];
}
