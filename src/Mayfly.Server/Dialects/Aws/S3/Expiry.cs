using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Lifecycle;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>When an object will go by the bucket's rules.</summary>
internal static class Expiry
{
    /// <summary>Says so, where a rule applies.</summary>
    public static void Tell(S3Call call, Bucket bucket, ObjectVersion version)
    {
        if (LifecycleDecision.ExpiryOf(bucket, version) is var (at, rule))
        {
            call.Answer["x-amz-expiration"] = $"expiry-date=\"{ObjectAnswers.HeaderTime(at)}\", rule-id=\"{Uri.EscapeDataString(rule)}\"";
        }
    }
}
