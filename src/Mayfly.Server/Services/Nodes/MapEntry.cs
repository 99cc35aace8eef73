namespace Mayfly.Server.Services.Nodes;

/// <summary>A key and its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="At">Where the key stands.</param>
/// <param name="Value">The value.</param>
internal readonly record struct MapEntry(string Key, Position At, Node Value);
