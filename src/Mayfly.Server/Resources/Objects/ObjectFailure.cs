namespace Mayfly.Server.Resources.Objects;

/// <summary>The expected ends of working with buckets and objects. Each is named as S3 names it.</summary>
public enum ObjectFailure
{
    /// <summary>There is no such bucket.</summary>
    NoSuchBucket,

    /// <summary>There is no such object, or its newest version is a delete marker.</summary>
    NoSuchKey,

    /// <summary>There is no such version of the object.</summary>
    NoSuchVersion,

    /// <summary>There is no such upload.</summary>
    NoSuchUpload,

    /// <summary>No bucket can have the name.</summary>
    InvalidBucketName,

    /// <summary>The bucket still has objects, versions or delete markers.</summary>
    BucketNotEmpty,

    /// <summary>The key has more than 1,024 bytes.</summary>
    KeyTooLongError,

    /// <summary>What was named is a delete marker.</summary>
    MethodNotAllowed,

    /// <summary>A condition does not hold.</summary>
    PreconditionFailed,

    /// <summary>A condition held when the upload began, but no longer.</summary>
    ConditionalRequestConflict,

    /// <summary>A value is none that is possible.</summary>
    InvalidArgument,

    /// <summary>What is asked for cannot be done.</summary>
    InvalidRequest,

    /// <summary>A part is not there, or is another.</summary>
    InvalidPart,

    /// <summary>The parts are not in ascending order.</summary>
    InvalidPartOrder,

    /// <summary>A part but the last has less than 5 MiB.</summary>
    EntityTooSmall,

    /// <summary>A body is larger than an object can be.</summary>
    EntityTooLarge,

    /// <summary>A body's checksum is another than the caller said.</summary>
    BadDigest,
}
