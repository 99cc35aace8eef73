namespace Mayfly.Server.Resources.Objects.Listings;

/// <summary>A page of a listing.</summary>
/// <param name="Versions">Objects (or, of a listing of versions, versions and delete markers, the newest of a key first), in the order of keys.</param>
/// <param name="CommonPrefixes">What keys with the delimiter were put together to, in their order.</param>
/// <param name="IsTruncated">Whether there is more.</param>
/// <param name="Next">What to go on after: the last key or common prefix; <see langword="null"/>: there is no more.</param>
/// <param name="NextVersion">Of a listing of versions: the last version; <see langword="null"/> after a common prefix.</param>
public sealed record ObjectListing(IReadOnlyList<ObjectVersion> Versions, IReadOnlyList<string> CommonPrefixes, bool IsTruncated, string? Next, string? NextVersion);
