using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>The names of a manifest's <c>resources</c>: those they give themselves, else ones made of service, stage and logical id.</summary>
/// <param name="prefix">Service and stage.</param>
/// <param name="resources">The templates.</param>
internal sealed class ResourceNames(string prefix, Node? resources)
{
    /// <summary>The resources of all templates, with their properties.</summary>
    public IEnumerable<(string LogicalId, Position At, string Type, Node Properties)> All()
    {
        foreach (var template in resources is ListNode list ? list.Items : resources is null ? [] : [resources])
        {
            foreach (var (logicalId, at, value) in template is MapNode map && map.TryGet("Resources", out var all) && all.Value is MapNode entries ? entries.Entries : [])
            {
                if (value is MapNode body && body.TryGet("Type", out var type) && type.Value is ScalarNode name)
                {
                    yield return (logicalId, at, name.Text, body.TryGet("Properties", out var properties) && properties.Value is MapNode ? properties.Value : new MapNode(at, []));
                }
            }
        }
    }

    /// <summary>The type of a logical id; <see langword="null"/> when the manifest declares no such resource.</summary>
    public string? TypeOf(string logicalId) => All().FirstOrDefault(resource => resource.LogicalId == logicalId).Type;

    /// <summary>The name of a resource.</summary>
    /// <param name="logicalId">Its logical id.</param>
    /// <param name="evaluate">Works out a name that is no plain text.</param>
    /// <returns><see langword="null"/> when only a deployment to AWS knows it.</returns>
    public string? NameOf(string logicalId, Func<Node, string?> evaluate)
    {
        var (_, _, type, properties) = All().FirstOrDefault(resource => resource.LogicalId == logicalId);
        if (type is null)
        {
            return null;
        }

        return properties is MapNode map && map.TryGet(PropertyOf(type), out var given)
            ? given.Value is MapNode { Entries: [{ Key: "Ref", Value: ScalarNode self }] } && self.Text == logicalId ? null : evaluate(given.Value)
            : Made(logicalId, type, properties as MapNode);
    }

    private static string PropertyOf(string type) => type switch
    {
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::SNS::Topic" => "TopicName",
        _ => "Name",
    };

    // As CloudFormation makes them, with the same letters at every deployment in place of random ones.
    private string? Made(string logicalId, string type, MapNode? properties) => type switch
    {
        "AWS::S3::Bucket" => RuleNames.Cut($"{prefix}-{logicalId}", 63).ToLowerInvariant(),
        "AWS::SQS::Queue" => RuleNames.Cut($"{prefix}-{logicalId}", 75) + (IsTrue(properties, "FifoQueue") ? ".fifo" : ""),
        "AWS::SNS::Topic" => RuleNames.Cut($"{prefix}-{logicalId}", 250) + (IsTrue(properties, "FifoTopic") ? ".fifo" : ""),
        "AWS::Events::EventBus" or "AWS::Events::Rule" or "AWS::Scheduler::Schedule" or "AWS::Scheduler::ScheduleGroup" => RuleNames.Cut($"{prefix}-{logicalId}"),
        _ => null,
    };

    private static bool IsTrue(MapNode? properties, string key) => properties is not null && properties.TryGet(key, out var value) && value.Value is ScalarNode { Text: "true" };
}
