using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Queues;

/// <summary>Which queues may name this one as their dead-letter queue.</summary>
/// <param name="Permission">Which.</param>
/// <param name="SourceArns">Up to ten ARNs, for <see cref="RedrivePermission.ByQueue"/> alone.</param>
public sealed record RedriveAllowPolicy(RedrivePermission Permission, ImmutableArray<string> SourceArns)
{
    /// <summary>Whether a queue may.</summary>
    public bool Allows(in QueueKey source) => Permission switch
    {
        RedrivePermission.AllowAll => true,
        RedrivePermission.DenyAll => false,
        RedrivePermission.ByQueue => SourceArns.Contains(source.Arn, StringComparer.Ordinal),
    };
}
