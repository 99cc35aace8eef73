namespace Mayfly.Shims.DotNet.Warm;

/// <summary>The answer.</summary>
public sealed record WarmAnswer(string? Name, int Count);
