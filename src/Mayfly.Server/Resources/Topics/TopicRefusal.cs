namespace Mayfly.Server.Resources.Topics;

/// <summary>Why a message is not taken, in the words of Amazon SNS.</summary>
/// <param name="Code">The error's code.</param>
/// <param name="Message">The error in a sentence.</param>
/// <param name="Status">The HTTP status that goes with it.</param>
public sealed record TopicRefusal(string Code, string Message, int Status = 400)
{
    /// <summary>A parameter is not as it must be.</summary>
    public static TopicRefusal Parameter(string what) => new("InvalidParameter", $"Invalid parameter: {what}");

    /// <summary>A value within a message is not as it must be.</summary>
    public static TopicRefusal Value(string message) => new("ParameterValueInvalid", message);
}
