using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>The refusals of SNS.</summary>
internal static class SnsErrors
{
    public static AwsException Parameter(string what) => Of(TopicRefusal.Parameter(what));

    public static AwsException Of(TopicRefusal refusal) => new(refusal.Code, refusal.Message, refusal.Status);

    public static AwsException NotFound(string what) => new("NotFoundException", $"{what} does not exist");

    public static AwsException NotAllowed(string what) => new("AuthorizationErrorException", what);

    /// <summary>A member that a request must have.</summary>
    public static AwsException Missing(string name) => Parameter($"{name} Reason: no value for required parameter");
}
