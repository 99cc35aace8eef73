using System.Collections.Immutable;

namespace Mayfly.Server.Functions;

/// <summary>What hangs on the unqualified function, or on one of its versions or aliases.</summary>
public sealed record QualifierSettings
{
    /// <summary>Nothing set.</summary>
    public static QualifierSettings None { get; } = new();

    /// <summary>The URL.</summary>
    public FunctionUrl? Url { get; init; }

    /// <summary>Statements of the resource policy, in the order they were added. Kept and returned; nothing is enforced with them.</summary>
    public ImmutableArray<PolicyStatement> Permissions { get; init; } = [];

    /// <summary>What becomes of asynchronous invocations.</summary>
    public AsyncSettings? Async { get; init; }

    /// <summary>Instances that are kept started.</summary>
    public ProvisionedConcurrency? Provisioned { get; init; }

    /// <summary>When the runtime may be replaced by a newer build.</summary>
    public RuntimeManagement? RuntimeManagement { get; init; }

    /// <summary>Bounds of the number of instances.</summary>
    public ScalingBounds? Scaling { get; init; }

    /// <inheritdoc />
    public bool Equals(QualifierSettings? other) =>
        other is not null && Url == other.Url && Permissions.AsSpan().SequenceEqual(other.Permissions.AsSpan())
        && Async == other.Async && Provisioned == other.Provisioned && RuntimeManagement == other.RuntimeManagement && Scaling == other.Scaling;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Url, Permissions.IsDefault ? 0 : Permissions.Length, Async, Provisioned, RuntimeManagement, Scaling);
}
