using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;

namespace Mayfly.Server.Resources.Topics;

/// <summary>What deliveries over HTTP keep to, from the <c>DeliveryPolicy</c> of the topic and of the subscription, which has the last word unless the topic forbids it. Pure.</summary>
public sealed record HttpDeliveryPolicy
{
    private const string DefaultContentType = "text/plain; charset=UTF-8";
    private const int MostRetries = 100;
    private const int MostSeconds = 3600;

    private static readonly string[] Counts = ["numRetries", "numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries"];

    /// <summary>When it is tried again.</summary>
    public HttpRetries Retries { get; init; } = HttpRetries.Default;

    /// <summary>Most requests of a second; <see langword="null"/>: no limit.</summary>
    public int? MaxReceivesPerSecond { get; init; }

    /// <summary>The type of the body.</summary>
    public MediaTypeHeaderValue ContentType { get; init; } = MediaTypeHeaderValue.Parse(DefaultContentType);

    /// <summary>What a subscription's deliveries keep to.</summary>
    public static HttpDeliveryPolicy Of(Topic topic, Subscription subscription)
    {
        var effective = Effective(topic, subscription);
        return new()
        {
            Retries = Read(effective["healthyRetryPolicy"]!.AsObject()),
            MaxReceivesPerSecond = (int?)effective["throttlePolicy"]?["maxReceivesPerSecond"],
            ContentType = (string?)effective["requestPolicy"]?["headerContentType"] is { } type ? MediaTypeHeaderValue.Parse(type) : MediaTypeHeaderValue.Parse(DefaultContentType),
        };
    }

    /// <summary>The policy of a topic with all that it does not say.</summary>
    public static JsonObject Effective(Topic topic)
    {
        var http = PolicyOf(topic.Attributes.GetValueOrDefault(TopicAttributes.DeliveryPolicy))["http"]?.DeepClone().AsObject() ?? [];
        http["defaultHealthyRetryPolicy"] = Complete(http["defaultHealthyRetryPolicy"]);
        http["disableSubscriptionOverrides"] ??= false;
        http["defaultRequestPolicy"] ??= new JsonObject { ["headerContentType"] = DefaultContentType };
        return new() { ["http"] = http };
    }

    /// <summary>The policy of a subscription with all that it does not say.</summary>
    public static JsonObject Effective(Topic topic, Subscription subscription)
    {
        var http = Effective(topic)["http"]!;
        var own = (bool)http["disableSubscriptionOverrides"]! ? [] : PolicyOf(subscription.Attributes.GetValueOrDefault(TopicAttributes.DeliveryPolicy));
        return new()
        {
            ["healthyRetryPolicy"] = own["healthyRetryPolicy"] is { } retries ? Complete(retries) : http["defaultHealthyRetryPolicy"]!.DeepClone(),
            ["throttlePolicy"] = (own["throttlePolicy"] ?? http["defaultThrottlePolicy"])?.DeepClone(),
            ["requestPolicy"] = (own["requestPolicy"] ?? http["defaultRequestPolicy"])?.DeepClone(),
        };
    }

    /// <summary>Why a text is no policy.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ofTopic">Whether it is one of a topic.</param>
    /// <returns><see langword="null"/>: it is one.</returns>
    public static string? Check(string text, bool ofTopic)
    {
        try
        {
            var policy = JsonNode.Parse(text, documentOptions: new() { AllowDuplicateProperties = false })?.AsObject() ?? throw new FormatException("it is not an object");
            if (ofTopic)
            {
                if (policy["http"] is not JsonObject http)
                {
                    return policy.Count == 0 ? null : "DeliveryPolicy: http must be specified";
                }

                _ = (bool?)http["disableSubscriptionOverrides"];
                return CheckParts(http["defaultHealthyRetryPolicy"], http["defaultThrottlePolicy"], http["defaultRequestPolicy"]);
            }

            return CheckParts(policy["healthyRetryPolicy"], policy["throttlePolicy"], policy["requestPolicy"]);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            return $"DeliveryPolicy: failed to parse JSON. {e.Message}";
        }
    }

    private static string? CheckParts(JsonNode? retries, JsonNode? throttle, JsonNode? request)
    {
        if (throttle?.AsObject()["maxReceivesPerSecond"] is { } pace && (int)pace < 1)
        {
            return "DeliveryPolicy: throttlePolicy.maxReceivesPerSecond must be greater than or equal to 1";
        }

        if ((string?)request?.AsObject()["headerContentType"] is { } type && (!MediaTypeHeaderValue.TryParse(type, out _) || type.AsSpan().ContainsAnyExceptInRange(' ', '~')))
        {
            return "DeliveryPolicy: requestPolicy.headerContentType is not a content type";
        }

        if (retries is null)
        {
            return null;
        }

        var complete = Complete(retries);
        foreach (var name in Counts)
        {
            if ((int)complete[name]! is < 0 or > MostRetries)
            {
                return string.Create(CultureInfo.InvariantCulture, $"DeliveryPolicy: healthyRetryPolicy.{name} must be between 0 and {MostRetries}");
            }
        }

        if (!Enum.TryParse<BackOffFunction>((string?)complete["backoffFunction"], ignoreCase: true, out _))
        {
            return "DeliveryPolicy: healthyRetryPolicy.backoffFunction must be one of linear, arithmetic, geometric, exponential";
        }

        var read = Read(complete);
        return read switch
        {
            { MinDelaySeconds: < 1 or > MostSeconds } or { MaxDelaySeconds: < 1 or > MostSeconds } => $"DeliveryPolicy: healthyRetryPolicy.minDelayTarget and maxDelayTarget must be between 1 and {MostSeconds}",
            { } when read.MinDelaySeconds > read.MaxDelaySeconds => "DeliveryPolicy: healthyRetryPolicy.maxDelayTarget must be greater than or equal to minDelayTarget",
            { } when read.WithoutDelay + read.AfterMinDelay + read.AfterMaxDelay > read.Retries => "DeliveryPolicy: healthyRetryPolicy.numRetries must be greater than or equal to the sum of numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries",
            { } when read.Total().TotalSeconds > MostSeconds => $"DeliveryPolicy: healthyRetryPolicy: the retries may not take longer than {MostSeconds} seconds",
            _ => null,
        };
    }

    private static JsonObject PolicyOf(string? text) => text is null ? [] : JsonNode.Parse(text)!.AsObject();

    private static JsonObject Complete(JsonNode? given)
    {
        var fallback = HttpRetries.Default;
        var complete = new JsonObject
        {
            ["minDelayTarget"] = fallback.MinDelaySeconds,
            ["maxDelayTarget"] = fallback.MaxDelaySeconds,
            ["numRetries"] = fallback.Retries,
            ["numMaxDelayRetries"] = 0,
            ["numNoDelayRetries"] = 0,
            ["numMinDelayRetries"] = 0,
            ["backoffFunction"] = "linear",
        };
        foreach (var (name, value) in given?.AsObject() ?? [])
        {
            if (value is not null && complete.ContainsKey(name))
            {
                complete[name] = value.DeepClone();
            }
        }

        return complete;
    }

    private static HttpRetries Read(JsonObject policy) => new()
    {
        Retries = (int)policy["numRetries"]!,
        WithoutDelay = (int)policy["numNoDelayRetries"]!,
        AfterMinDelay = (int)policy["numMinDelayRetries"]!,
        AfterMaxDelay = (int)policy["numMaxDelayRetries"]!,
        MinDelaySeconds = (int)policy["minDelayTarget"]!,
        MaxDelaySeconds = (int)policy["maxDelayTarget"]!,
        Growth = Enum.Parse<BackOffFunction>((string)policy["backoffFunction"]!, ignoreCase: true),
    };
}
