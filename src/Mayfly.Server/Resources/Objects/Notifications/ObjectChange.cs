namespace Mayfly.Server.Resources.Objects.Notifications;

/// <summary>Something that happened to an object.</summary>
public sealed record ObjectChange
{
    /// <summary>The bucket's name.</summary>
    public required string Bucket { get; init; }

    /// <summary>The bucket's account.</summary>
    public required string Account { get; init; }

    /// <summary>The bucket's region.</summary>
    public required string Region { get; init; }

    /// <summary>What happened, without the <c>s3:</c> of subscriptions: <c>ObjectCreated:Put</c>.</summary>
    public required string EventName { get; init; }

    /// <summary>The object.</summary>
    public required string Key { get; init; }

    /// <summary>Its bytes; <see langword="null"/> where the change has none, as a removal.</summary>
    public long? Size { get; init; }

    /// <summary>Its entity tag without quotes; <see langword="null"/> where the change has none.</summary>
    public string? ETag { get; init; }

    /// <summary>The version; <see langword="null"/> in a bucket that never had any.</summary>
    public string? VersionId { get; init; }

    /// <summary>Grows with every change of the store: of two changes of a key the later one has the higher number.</summary>
    public long Sequence { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Who.</summary>
    public required ObjectCaller Caller { get; init; }

    /// <summary>What the sequence looks like in events: 18 hexadecimal digits, so that texts compare as numbers do.</summary>
    internal string Sequencer => Sequence.ToString("X18", System.Globalization.CultureInfo.InvariantCulture);
}
