namespace Mayfly.Server.Resources.Topics;

/// <summary>The URLs that stand in notifications. Anybody may follow them: they need no signature.</summary>
/// <param name="baseUrl">What the server's URLs begin with.</param>
public sealed class NotificationUrls(string baseUrl)
{
    /// <summary>What the path of the certificate begins with.</summary>
    public const string CertificatePrefix = "/SimpleNotificationService-";

    /// <summary>What the path of the certificate ends with.</summary>
    public const string CertificateSuffix = ".pem";

    /// <summary>Where the certificate of a key is.</summary>
    public string Certificate(SigningKey key) => $"{baseUrl}{CertificatePrefix}{key.Id}{CertificateSuffix}";

    /// <summary>What ends a subscription.</summary>
    public string Unsubscribe(string subscriptionArn) => $"{baseUrl}/?Action=Unsubscribe&SubscriptionArn={subscriptionArn}";

    /// <summary>What confirms a subscription.</summary>
    public string Confirm(in TopicKey topic, string token) => $"{baseUrl}/?Action=ConfirmSubscription&TopicArn={topic.Arn}&Token={token}";
}
