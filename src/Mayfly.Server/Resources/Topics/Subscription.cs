using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mayfly.Server.Resources.Topics;

/// <summary>Who gets what is published to a topic. Immutable.</summary>
public sealed record Subscription
{
    /// <summary>The protocol of functions.</summary>
    public const string Lambda = "lambda";

    /// <summary>The protocol of queues.</summary>
    public const string Sqs = "sqs";

    /// <summary>Its ARN: the topic's and an id.</summary>
    public required string Arn { get; init; }

    /// <summary>The topic.</summary>
    public required TopicKey Topic { get; init; }

    /// <summary><c>lambda</c>, <c>sqs</c>, <c>http</c> or <c>https</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Where it goes: an ARN or a URL.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The account that subscribed.</summary>
    public required string Owner { get; init; }

    /// <summary>The attributes that somebody set, as they were given.</summary>
    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = TopicAttributes.None;

    /// <summary>What confirms it, or, once it was asked to go by a link that anybody may follow, restores it; <see langword="null"/>: it never had to be confirmed.</summary>
    public string? Token { get; init; }

    /// <summary>Whether it gets nothing until somebody brings its token.</summary>
    public bool IsPending { get; init; }

    /// <summary>Until when it waits for that.</summary>
    public DateTimeOffset TokenEnds { get; init; }

    /// <summary>Whether whoever confirmed it had signed the request.</summary>
    public bool ConfirmationWasAuthenticated { get; init; }

    /// <summary>Whether only signed requests may end it.</summary>
    public bool AuthenticateOnUnsubscribe { get; init; }

    /// <summary>The service whose manifest declares it; <see langword="null"/>: it was made by hand.</summary>
    public string? Service { get; init; }

    /// <summary>Whether its endpoint is a URL.</summary>
    [JsonIgnore]
    public bool IsHttp => Protocol is "http" or "https";

    /// <summary>Whether messages come without an envelope.</summary>
    [JsonIgnore]
    public bool IsRaw => Attributes.Is(TopicAttributes.RawMessageDelivery);

    /// <summary>The ARN that gets what cannot be delivered.</summary>
    [JsonIgnore]
    public string? DeadLetterArn
    {
        get
        {
            if (!Attributes.TryGetValue(TopicAttributes.RedrivePolicy, out var policy))
            {
                return null;
            }

            using var document = JsonDocument.Parse(policy);
            return document.RootElement.GetProperty("deadLetterTargetArn").GetString();
        }
    }

    /// <summary>A new ARN for a subscription to a topic.</summary>
    public static string NewArn(in TopicKey topic) => $"{topic.Arn}:{Guid.NewGuid()}";
}
