using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Objects;

/// <summary>An expected end of working with buckets and objects: the caller's mistake, or a condition that does not hold.</summary>
/// <param name="failure">Which.</param>
/// <param name="message">What S3 says.</param>
/// <param name="details">What S3 says besides, by the names of its elements.</param>
public sealed class ObjectException(ObjectFailure failure, string message, params ReadOnlySpan<(string Name, string Value)> details) : Exception(message)
{
    /// <summary>Which.</summary>
    public ObjectFailure Failure { get; } = failure;

    /// <summary>What S3 says besides, by the names of its elements.</summary>
    public ImmutableArray<(string Name, string Value)> Details { get; } = [.. details];

    /// <summary>The delete marker that stands where an object was asked for.</summary>
    public ObjectVersion? Marker { get; init; }

    internal static ObjectException NoSuchBucket(string name) => new(ObjectFailure.NoSuchBucket, "The specified bucket does not exist", ("BucketName", name));

    internal static ObjectException NoSuchKey(string key, ObjectVersion? marker = null) => new(ObjectFailure.NoSuchKey, "The specified key does not exist.", ("Key", key)) { Marker = marker };

    internal static ObjectException NoSuchVersion(string key, string version) => new(ObjectFailure.NoSuchVersion, "The specified version does not exist.", ("Key", key), ("VersionId", version));

    internal static ObjectException NoSuchUpload(string id) =>
        new(ObjectFailure.NoSuchUpload, "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.", ("UploadId", id));

    internal static ObjectException PreconditionFailed(string condition) =>
        new(ObjectFailure.PreconditionFailed, "At least one of the pre-conditions you specified did not hold", ("Condition", condition));

    internal static ObjectException Conflict(string condition, string key) => new(
        ObjectFailure.ConditionalRequestConflict, "The conditional request cannot succeed due to a conflicting operation against this resource.", ("Condition", condition), ("Key", key));

    internal static ObjectException InvalidVersion(string version) =>
        new(ObjectFailure.InvalidArgument, "Invalid version id specified", ("ArgumentName", "versionId"), ("ArgumentValue", version));
}
