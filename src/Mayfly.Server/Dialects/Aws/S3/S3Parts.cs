using Mayfly.Server.Events;
using Mayfly.Server.Identity;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Notifications;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>What the S3 door works with.</summary>
public sealed record S3Parts
{
    /// <summary>Buckets and objects.</summary>
    public required ObjectStore Store { get; init; }

    /// <summary>Who is told of their changes.</summary>
    public required ObjectEventRouter Notifications { get; init; }

    /// <summary>Told of events that were written.</summary>
    public required Delivery Delivery { get; init; }

    /// <summary>Whether there is what an ARN names: a function, a queue, a topic.</summary>
    public required Func<string, bool> Exists { get; init; }

    /// <summary>What recognises the credentials of functions.</summary>
    public FunctionCredentials? Credentials { get; init; }

    /// <summary>Account and region of requests that name none.</summary>
    public required ServerSettings Settings { get; init; }

    /// <summary>The clock of signatures: the machine's.</summary>
    public required TimeProvider Time { get; init; }

    internal BucketRegistry Buckets => Store.Buckets;
}
