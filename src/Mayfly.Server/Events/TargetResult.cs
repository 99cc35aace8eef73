namespace Mayfly.Server.Events;

/// <summary>How an attempt at a target ended, and why.</summary>
/// <param name="End">Whether the target has it.</param>
/// <param name="ErrorCode">A short name of the error, as dead letters show it.</param>
/// <param name="ErrorMessage">The error in a sentence.</param>
/// <param name="NotBefore">When the target wants to be tried again at the earliest.</param>
public sealed record TargetResult(TargetEnd End, string? ErrorCode, string? ErrorMessage, DateTimeOffset? NotBefore)
{
    /// <summary>The target has it.</summary>
    public static TargetResult Delivered { get; } = new(TargetEnd.Delivered, null, null, null);

    /// <summary>It may work later.</summary>
    public static TargetResult Failed(string code, string message, DateTimeOffset? notBefore = null) => new(TargetEnd.Failed, code, message, notBefore);

    /// <summary>It was not asked, and shall be at a moment.</summary>
    public static TargetResult Later(DateTimeOffset at) => new(TargetEnd.Postponed, null, null, at);

    /// <summary>It will never work.</summary>
    public static TargetResult Rejected(string code, string message) => new(TargetEnd.Rejected, code, message, null);
}
