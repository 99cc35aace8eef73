namespace Mayfly.Server.Events;

/// <summary>After which platform the time between attempts grows.</summary>
public enum BackOffProfile
{
    /// <summary>AWS Lambda's asynchronous invocations: 1 s, 2 s, 4 s … 5 minutes, within 6 hours.</summary>
    Lambda,

    /// <summary>Amazon EventBridge: doubling from 1 s to 10 minutes, each time half of it by chance; 185 times within 24 hours.</summary>
    EventBridge,

    /// <summary>Knative: doubling from 0.2 s, 10 times.</summary>
    Knative,

    /// <summary>Amazon SNS with functions and queues: 3 times at once, twice after 1 s, 10 times from 1 s doubling to 20 s, then every 20 s, for 23 days.</summary>
    SnsManaged,

    /// <summary>Amazon SNS over HTTP: <see cref="Events.HttpRetries"/>.</summary>
    SnsHttp,
}
