using Mayfly.Server.Events;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>What the SNS API is the API of.</summary>
/// <param name="Topics">Topics and subscriptions.</param>
/// <param name="Publisher">What takes messages.</param>
/// <param name="Confirmations">What asks HTTP subscribers.</param>
/// <param name="Delivery">What brings events to their targets.</param>
internal sealed record SnsParts(TopicRegistry Topics, TopicPublisher Publisher, Confirmations Confirmations, Delivery Delivery);
