using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Mayfly.Server.Resources.Topics;

/// <summary>What a request to an HTTP subscriber says beside its body: the parameters of its event.</summary>
internal sealed record HttpNotification
{
    public const string Notification = "Notification";
    public const string SubscriptionConfirmation = "SubscriptionConfirmation";
    public const string UnsubscribeConfirmation = "UnsubscribeConfirmation";

    private const string Agent = "Amazon Simple Notification Service Agent";

    /// <summary>One of the above.</summary>
    public required string Type { get; init; }

    /// <summary>The id of the message.</summary>
    public required string MessageId { get; init; }

    /// <summary>The URL: of a subscription that ends, it is not to be found anywhere else.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Whether the body is the message as it was published.</summary>
    public bool IsRaw { get; init; }

    /// <summary>Reads the parameters of an event.</summary>
    public static HttpNotification Of(string parameters) => JsonSerializer.Deserialize(parameters, TopicJson.Default.HttpNotification)!;

    /// <summary>The parameters of an event.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TopicJson.Default.HttpNotification);

    /// <summary>The request.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="subscriptionArn">The subscription.</param>
    /// <param name="contentType">The type of the body.</param>
    /// <param name="body">The body.</param>
    public HttpRequestMessage Make(in TopicKey topic, string subscriptionArn, MediaTypeHeaderValue contentType, ReadOnlyMemory<byte> body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Endpoint) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = contentType;
        var headers = request.Headers;
        headers.TryAddWithoutValidation("User-Agent", Agent);
        headers.Add("x-amz-sns-message-type", Type);
        headers.Add("x-amz-sns-message-id", MessageId);
        headers.Add("x-amz-sns-topic-arn", topic.Arn);
        if (request.RequestUri!.UserInfo is { Length: > 0 } user)
        {
            headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(user))));
        }

        if (Type != SubscriptionConfirmation)
        {
            headers.Add("x-amz-sns-subscription-arn", subscriptionArn);
        }

        if (IsRaw)
        {
            headers.Add("x-amz-sns-rawdelivery", "true");
        }

        return request;
    }
}
