using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Resources.Topics;

/// <summary>Which attributes a subscription may be given. Pure.</summary>
public static class SubscriptionAttributeRules
{
    private static readonly string[] Settable =
    [
        TopicAttributes.DeliveryPolicy, TopicAttributes.FilterPolicy, TopicAttributes.FilterPolicyScope, TopicAttributes.RawMessageDelivery, TopicAttributes.RedrivePolicy, "SubscriptionRoleArn",
    ];

    /// <summary>Changes attributes together; an empty value removes one.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="given">The attributes.</param>
    /// <param name="prefix">What stands before what is wrong with a value.</param>
    /// <exception cref="TopicException">They cannot have those values.</exception>
    public static Subscription With(Subscription subscription, IReadOnlyCollection<KeyValuePair<string, string?>> given, string prefix = "")
    {
        foreach (var (name, value) in given)
        {
            if (Fault(subscription, name, value) is { } fault)
            {
                throw TopicException.Parameter(prefix + fault);
            }

            var isEmpty = string.IsNullOrEmpty(value) || (name == TopicAttributes.FilterPolicy && IsEmptyObject(value));
            subscription = subscription with { Attributes = isEmpty ? subscription.Attributes.Remove(name) : subscription.Attributes.SetItem(name, value!) };
        }

        if (subscription.Attributes.TryGetValue(TopicAttributes.FilterPolicy, out var policy))
        {
            try
            {
                FilterPolicy.Parse(policy, subscription.Attributes.GetValueOrDefault(TopicAttributes.FilterPolicyScope) == FilterPolicy.Body);
            }
            catch (FilterPolicyException e)
            {
                throw TopicException.Parameter(prefix + e.Message);
            }
        }

        return subscription;
    }

    private static string? Fault(Subscription subscription, string name, string? value)
    {
        if (name == "ReplayPolicy")
        {
            throw TopicException.NotServed("The replay of a topic's archive");
        }

        if (!Settable.Contains(name, StringComparer.Ordinal))
        {
            return "AttributeName";
        }

        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        return name switch
        {
            TopicAttributes.FilterPolicyScope => value is FilterPolicy.Attributes or FilterPolicy.Body ? null : $"FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes",
            TopicAttributes.RawMessageDelivery when value.ToUpperInvariant() is not ("TRUE" or "FALSE") => $"RawMessageDelivery: Invalid value [{value}]. Must be true or false.",
            TopicAttributes.RawMessageDelivery => subscription.Protocol == Subscription.Lambda && value.Equals("true", StringComparison.OrdinalIgnoreCase) ? $"Delivery protocol [{subscription.Protocol}] does not support raw message delivery." : null,
            TopicAttributes.RedrivePolicy => IsRedrivePolicy(value) ? null : "RedrivePolicy: deadLetterTargetArn is an invalid arn",
            TopicAttributes.DeliveryPolicy => subscription.IsHttp ? HttpDeliveryPolicy.Check(value, ofTopic: false) : $"Delivery protocol [{subscription.Protocol}] does not support delivery policy.",
            _ => null,
        };
    }

    private static bool IsRedrivePolicy(string text)
    {
        try
        {
            return Parse(text) is JsonObject policy && policy["deadLetterTargetArn"] is JsonValue target && target.TryGetValue<string>(out var arn) && QueueKey.TryParse(arn, out _);
        }
        catch (InvalidOperationException)
        {
            // The text is none: an escape in it stands for half a character.
            return false;
        }
    }

    private static bool IsEmptyObject(string text) => Parse(text) is JsonObject { Count: 0 };

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new() { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
