using System.Collections.Immutable;

namespace Mayfly.Server.Services.Nodes;

/// <summary>A sequence.</summary>
internal sealed class ListNode(Position at, ImmutableArray<Node> items) : Node(at)
{
    /// <summary>In order.</summary>
    public ImmutableArray<Node> Items { get; } = items;

    /// <inheritdoc />
    public override long Size { get; } = 1 + items.Sum(item => Math.Min(item.Size, MaxSize * 2));

    /// <inheritdoc />
    public override string Kind => "a list";
}
