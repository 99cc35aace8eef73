using System.Text.RegularExpressions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Works out CloudFormation functions as far as that is possible without CloudFormation.</summary>
internal sealed partial class CloudFormationValue(ManifestReading reading, string service, Node? resources)
{
    private const int MaxDepth = 20;
    private int _depth;

    /// <summary>What else a logical id stands for: a function that the manifest declares elsewhere. The attribute is <see langword="null"/> for <c>Ref</c>.</summary>
    public Func<string, string?, string?>? Known { get; init; }

    /// <summary>The resources of all templates, with their properties.</summary>
    public static IEnumerable<(string LogicalId, Position At, string Type, Node Properties)> Resources(Node? resources)
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

    /// <summary>The text that a value amounts to; <see langword="null"/> when it depends on something that only a deployment to AWS knows.</summary>
    /// <exception cref="ManifestException">The value is neither a text nor a CloudFormation function.</exception>
    public string? TryText(Node value, Position at, string name)
    {
        if (value is ScalarNode scalar)
        {
            return scalar.Text;
        }
        if (value is not MapNode { Entries: [var call] } || !(call.Key is "Ref" || call.Key.StartsWith("Fn::", StringComparison.Ordinal)))
        {
            throw at.Error($"{name}: must be a text, not {value.Kind}.");
        }
        _depth = 0;
        return Evaluate(value);
    }

    /// <summary>A short form of what is referred to, for messages.</summary>
    public static string Show(Node value) => NodeJson.Write(value) is var json && json.Length > 80 ? json[..80] + "…" : json;

    private string? Evaluate(Node value)
    {
        // A resource may name itself in its own name: there is no way out of that but a limit.
        if (_depth >= MaxDepth)
        {
            return null;
        }
        _depth++;
        var text = EvaluateOnce(value);
        _depth--;
        return text;
    }

    private string? EvaluateOnce(Node value) => value switch
    {
        ScalarNode scalar => scalar.Text,
        MapNode { Entries: [{ Key: "Ref", Value: ScalarNode name }] } => Reference(name.Text),
        MapNode { Entries: [{ Key: "Fn::GetAtt", Value: ListNode { Items: [ScalarNode name, ScalarNode attribute] } }] } => Attribute(name.Text, attribute.Text),
        MapNode { Entries: [{ Key: "Fn::Sub", Value: ScalarNode text }] } => Substitute(text.Text, null),
        MapNode { Entries: [{ Key: "Fn::Sub", Value: ListNode { Items: [ScalarNode text, MapNode values] } }] } => Substitute(text.Text, values),
        MapNode { Entries: [{ Key: "Fn::Join", Value: ListNode { Items: [ScalarNode separator, ListNode parts] } }] } => Join(separator.Text, parts),
        _ => null,
    };

    private string? Join(string separator, ListNode parts)
    {
        var texts = parts.Items.Select(Evaluate).ToList();
        return texts.Contains(null) ? null : string.Join(separator, texts);
    }

    private string? Substitute(string text, MapNode? values)
    {
        var complete = true;
        var result = Placeholder().Replace(text, match =>
        {
            var name = match.Groups["name"].Value;
            if (name.StartsWith('!'))
            {
                return "${" + name[1..] + "}";
            }
            var found = values is not null && values.TryGet(name, out var entry) ? Evaluate(entry.Value) : Reference(name);
            complete &= found is not null;
            return found ?? "";
        });
        return complete ? result : null;
    }

    private string? Reference(string name) => name switch
    {
        "AWS::Region" => reading.Resolver.Sources.Region ?? "us-east-1",
        "AWS::AccountId" => reading.Options.AccountId,
        "AWS::Partition" => "aws",
        "AWS::URLSuffix" => "amazonaws.com",
        "AWS::StackName" => $"{service}-{reading.Resolver.Sources.Stage}",
        _ when name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot => Attribute(name[..dot], name[(dot + 1)..]),
        _ => NameOfResource(name) ?? Known?.Invoke(name, null),
    };

    private string? Attribute(string logicalId, string attribute)
    {
        if (attribute != "Arn")
        {
            return null;
        }

        var (region, account) = (reading.Resolver.Sources.Region ?? "us-east-1", reading.Options.AccountId);
        return TypeOf(logicalId) switch
        {
            "AWS::Events::EventBus" when NameOfResource(logicalId) is { } name => $"arn:aws:events:{region}:{account}:event-bus/{name}",
            "AWS::Scheduler::ScheduleGroup" when NameOfResource(logicalId) is { } name => $"arn:aws:scheduler:{region}:{account}:schedule-group/{name}",
            _ => Known?.Invoke(logicalId, attribute),
        };
    }

    private string? TypeOf(string logicalId) => Resources(resources).FirstOrDefault(resource => resource.LogicalId == logicalId).Type;

    /// <summary>What <c>Ref</c> yields for a table or bucket that the manifest names itself.</summary>
    private string? NameOfResource(string logicalId)
    {
        foreach (var part in resources is ListNode list ? list.Items : resources is null ? [] : [resources])
        {
            if (part is MapNode template && template.TryGet("Resources", out var all) && all.Value is MapNode map
                && map.TryGet(logicalId, out var resource) && resource.Value is MapNode body
                && body.TryGet("Type", out var type) && type.Value is ScalarNode typeName
                && body.TryGet("Properties", out var properties) && properties.Value is MapNode values)
            {
                var key = typeName.Text switch
                {
                    "AWS::DynamoDB::Table" => "TableName",
                    "AWS::S3::Bucket" => "BucketName",
                    "AWS::Events::EventBus" or "AWS::Events::Rule" or "AWS::Scheduler::Schedule" or "AWS::Scheduler::ScheduleGroup" => "Name",
                    _ => "",
                };
                return values.TryGet(key, out var physical) && physical.Value is not MapNode { Entries: [{ Key: "Ref" }] } ? Evaluate(physical.Value) : null;
            }
        }
        return null;
    }

    [GeneratedRegex(@"\$\{(?<name>[^}]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();
}
