using System.Globalization;

namespace Mayfly.Server.Invocation;

/// <summary>The X-Ray header that says which calls belong together.</summary>
public static class TraceHeader
{
    /// <summary>The header of a call that brought none: a root, not sampled.</summary>
    public static string New(TimeProvider time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Root(time.GetUtcNow())};Parent={Random.Shared.NextInt64():x16};Sampled=0");

    /// <summary>A root made of the time and random digits.</summary>
    public static string Root(DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"Root=1-{now.ToUnixTimeSeconds():x8}-{Random.Shared.NextInt64(1L << 48):x12}{Random.Shared.NextInt64(1L << 48):x12}");
}
