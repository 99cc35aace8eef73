namespace Mayfly.Server.Resources.Objects.Listings;

/// <summary>Where a listing is among the keys, as bytes: it goes forward, and over a whole group of keys at once.</summary>
internal sealed class KeyRange
{
    // No byte of UTF-8, so it stands behind every key.
    private static readonly byte[] BehindAll = [0xFF];

    private readonly byte[] _prefix;
    private readonly byte[] _delimiter;

    public KeyRange(ListingQuery query)
    {
        _prefix = ObjectKey.Text(query.Prefix);
        _delimiter = ObjectKey.Text(query.Delimiter);
        End = Successor(_prefix);
        From = _prefix;
    }

    /// <summary>The first key that may come.</summary>
    public byte[] From { get; private set; }

    /// <summary>The first that may not.</summary>
    public byte[] End { get; }

    /// <summary>Whether keys are put together.</summary>
    public bool Groups => _delimiter.Length > 0;

    /// <summary>Goes on behind a key, or behind the group of keys that it names or lies in.</summary>
    public void GoBehind(ReadOnlySpan<byte> key)
    {
        var next = GroupOf(key) is { } group ? Successor(group) : [.. key, 0];
        if (next.AsSpan().SequenceCompareTo(From) > 0)
        {
            From = next;
        }
    }

    /// <summary>Goes on with a key.</summary>
    public void GoTo(byte[] key)
    {
        if (key.AsSpan().SequenceCompareTo(From) > 0)
        {
            From = key;
        }
    }

    /// <summary>What a key is put together with; <see langword="null"/>: it stands for itself.</summary>
    public byte[]? GroupOf(ReadOnlySpan<byte> key)
    {
        if (!Groups || !key.StartsWith(_prefix))
        {
            return null;
        }

        var at = key[_prefix.Length..].IndexOf(_delimiter);
        return at < 0 ? null : key[..(_prefix.Length + at + _delimiter.Length)].ToArray();
    }

    // The first text behind all that begin so.
    private static byte[] Successor(ReadOnlySpan<byte> start) => start.IsEmpty ? BehindAll : [.. start[..^1], (byte)(start[^1] + 1)];
}
