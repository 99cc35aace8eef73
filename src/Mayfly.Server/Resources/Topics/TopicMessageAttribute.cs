namespace Mayfly.Server.Resources.Topics;

/// <summary>An attribute of a message.</summary>
/// <param name="Type"><c>String</c>, <c>String.Array</c>, <c>Number</c> or <c>Binary</c>.</param>
/// <param name="Value">The value; of a binary one in base64.</param>
public sealed record TopicMessageAttribute(string Type, string Value)
{
    /// <summary>Whether the value is bytes.</summary>
    public bool IsBinary => Type.StartsWith("Binary", StringComparison.Ordinal);

    /// <summary>Whether the value is a number.</summary>
    public bool IsNumber => Type.StartsWith("Number", StringComparison.Ordinal);

    /// <summary>Whether the value is a list in JSON.</summary>
    public bool IsArray => Type == "String.Array";

    /// <summary>The bytes of the value.</summary>
    public int Size => IsBinary ? Value.Length / 4 * 3 : System.Text.Encoding.UTF8.GetByteCount(Value);
}
