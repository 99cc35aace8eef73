namespace Mayfly.Server.Resources.Objects;

/// <summary>Whether a bucket keeps what is overwritten and deleted.</summary>
public enum BucketVersioning
{
    /// <summary>It never did: every key has at most one version, whose id is <c>null</c>.</summary>
    Unversioned,

    /// <summary>Every write makes a version of its own.</summary>
    Enabled,

    /// <summary>It did: what it kept stays, and writes replace the version <c>null</c>.</summary>
    Suspended,
}
