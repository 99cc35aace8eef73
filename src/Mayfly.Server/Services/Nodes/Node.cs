namespace Mayfly.Server.Services.Nodes;

/// <summary>A value of a manifest that remembers its place. Nodes are immutable and may be shared by several parents.</summary>
internal abstract class Node(Position at)
{
    /// <summary>Most values that one manifest may have once its aliases and variables are written out.</summary>
    public const long MaxSize = 200_000;

    /// <summary>Deepest nesting.</summary>
    public const int MaxDepth = 100;

    /// <summary>Where it stands.</summary>
    public Position At { get; } = at;

    /// <summary>Number of values in it, itself included, shared ones counted each time.</summary>
    public abstract long Size { get; }

    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }

    /// <summary>Whether it is a YAML null.</summary>
    public bool IsNull => this is ScalarNode { Type: ScalarType.Null };
}
