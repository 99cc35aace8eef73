namespace Mayfly.Server.Resources.Topics;

/// <summary>A topic or a subscription that cannot be as somebody wants it.</summary>
/// <param name="refusal">Why, in the words of Amazon SNS.</param>
public sealed class TopicException(TopicRefusal refusal) : Exception(refusal.Message)
{
    /// <summary>Why.</summary>
    public TopicRefusal Refusal => refusal;

    /// <summary>A parameter is not as it must be.</summary>
    public static TopicException Parameter(string what) => new(TopicRefusal.Parameter(what));

    /// <summary>This server does not do that.</summary>
    public static TopicException NotServed(string what) => new(new("NotImplementedException", $"{what} is not supported by this server yet.", 501));
}
