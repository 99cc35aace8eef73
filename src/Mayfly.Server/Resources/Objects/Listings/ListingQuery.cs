namespace Mayfly.Server.Resources.Objects.Listings;

/// <summary>Which objects of a bucket to list. Texts are compared as UTF-8 bytes.</summary>
public sealed record ListingQuery
{
    /// <summary>What keys begin with.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Keys that have it after the prefix are put together up to its end; empty: none are.</summary>
    public string Delimiter { get; init; } = "";

    /// <summary>After which key or common prefix it goes on; empty: from the beginning.</summary>
    public string After { get; init; } = "";

    /// <summary>Of a listing of versions: after which version of the key <see cref="After"/>; <see langword="null"/>: after all of them.</summary>
    public string? AfterVersion { get; init; }

    /// <summary>Most objects and common prefixes.</summary>
    public int Max { get; init; } = 1000;
}
