namespace Mayfly.Server.Resources.Objects.Listings;

/// <summary>A page that is being filled. What comes after the last place tells only that there is more.</summary>
/// <param name="max">Its places.</param>
/// <param name="name">The key of an item, and what tells it from others of the key.</param>
internal sealed class ListingPage<T>(int max, Func<T, (string Key, string Id)> name)
{
    private (string Key, string? Id)? _last;
    private bool _more;

    public List<T> Items { get; } = [];

    public List<string> Prefixes { get; } = [];

    /// <summary>Places left.</summary>
    public int Room => max - Items.Count - Prefixes.Count;

    /// <summary>Whether nothing more is to be looked for.</summary>
    public bool IsFull => _more || max == 0;

    /// <summary>The last item or group, where there is more behind it.</summary>
    public (string Key, string? Id)? Next => _more ? _last : null;

    /// <summary>Adds an item, or the group that it is in.</summary>
    public void Add(T item, byte[]? group)
    {
        if (Room <= 0)
        {
            _more = true;
        }
        else if (group is not null)
        {
            Prefixes.Add(ObjectKey.Of(group));
            _last = (Prefixes[^1], null);
        }
        else
        {
            Items.Add(item);
            _last = name(item);
        }
    }
}
