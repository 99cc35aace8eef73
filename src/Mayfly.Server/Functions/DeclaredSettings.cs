namespace Mayfly.Server.Functions;

/// <summary>What hangs on a function because its service's manifest says so. It goes when the manifest says so no more; what was set by other means stays.</summary>
/// <param name="Alias">The alias that the service's routes and URL lead to.</param>
/// <param name="Version">The version that was published for that alias alone, and goes when the alias moves on.</param>
/// <param name="Async">Whether the settings of asynchronous invocations are the manifest's.</param>
public sealed record DeclaredSettings(string? Alias, int? Version, bool Async)
{
    /// <summary>Nothing.</summary>
    public static DeclaredSettings None { get; } = new(null, null, Async: false);
}
