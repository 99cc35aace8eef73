namespace Mayfly.Server.Services.Nodes;

/// <summary>What a scalar means under YAML's core schema.</summary>
internal enum ScalarType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>An integer or a decimal fraction.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>Nothing.</summary>
    Null,
}
