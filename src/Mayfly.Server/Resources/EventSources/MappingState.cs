namespace Mayfly.Server.Resources.EventSources;

/// <summary>The states of an event source mapping, as the Lambda API names them, and how one follows from another. Pure.</summary>
public static class MappingState
{
    /// <summary>It was made, and does not read yet.</summary>
    public const string Creating = "Creating";

    /// <summary>It reads.</summary>
    public const string Enabled = "Enabled";

    /// <summary>It will read.</summary>
    public const string Enabling = "Enabling";

    /// <summary>It ends what it has begun, and then reads no more.</summary>
    public const string Disabling = "Disabling";

    /// <summary>It does not read.</summary>
    public const string Disabled = "Disabled";

    /// <summary>It ends what it has begun, and then goes on with other settings.</summary>
    public const string Updating = "Updating";

    /// <summary>It ends what it has begun, and is then gone.</summary>
    public const string Deleting = "Deleting";

    /// <summary>The state from a change until that has been carried out.</summary>
    /// <param name="before">The mapping as it was; <see langword="null"/> for a new one.</param>
    /// <param name="after">The mapping as it shall be; <see langword="null"/> when it is removed.</param>
    public static string Between(EventSourceMapping? before, EventSourceMapping? after) => (before, after) switch
    {
        (_, null) => Deleting,
        (null, _) => Creating,
        ({ Enabled: false }, { Enabled: true }) => Enabling,
        ({ Enabled: true }, { Enabled: false }) => Disabling,
        _ => Updating,
    };

    /// <summary>The state in which a mapping stays.</summary>
    public static string Settled(EventSourceMapping mapping) => mapping.Enabled ? Enabled : Disabled;

    /// <summary>Whether a mapping in this state takes no further change.</summary>
    public static bool IsMoving(string state) => state is not (Enabled or Disabled);

    /// <summary>Whether the two mean the same to what reads.</summary>
    public static bool Reads(EventSourceMapping one, EventSourceMapping other) =>
        one with { Tags = other.Tags, LastModified = other.LastModified, Filters = other.Filters, Metrics = other.Metrics } == other
        && one.Filters.SequenceEqual(other.Filters, StringComparer.Ordinal);
}
