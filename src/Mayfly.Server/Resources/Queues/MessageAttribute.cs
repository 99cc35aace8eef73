namespace Mayfly.Server.Resources.Queues;

/// <summary>An attribute of a message: a text, or bytes.</summary>
/// <param name="DataType"><c>String</c>, <c>Number</c> or <c>Binary</c>, and a label behind a dot or none.</param>
/// <param name="Text">The value of a <c>String</c> or <c>Number</c>.</param>
/// <param name="Binary">The value of a <c>Binary</c>.</param>
public sealed record MessageAttribute(string DataType, string? Text, byte[]? Binary);
