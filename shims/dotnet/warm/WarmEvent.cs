namespace Mayfly.Shims.DotNet.Warm;

/// <summary>The event.</summary>
public sealed class WarmEvent
{
    /// <summary>A text.</summary>
    public string Name { get; set; } = "";

    /// <summary>Some numbers.</summary>
    public int[] Numbers { get; set; } = [];

    /// <summary>Texts by name.</summary>
    public Dictionary<string, string> Fields { get; set; } = [];
}
