using System.Text.RegularExpressions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Works out CloudFormation functions as far as that is possible without CloudFormation.</summary>
internal sealed partial class CloudFormationValue(ManifestReading reading, string service, ResourceNames names)
{
    private const int MaxDepth = 20;
    private int _depth;

    /// <summary>What else a logical id stands for: a function that the manifest declares elsewhere. The attribute is <see langword="null"/> for <c>Ref</c>.</summary>
    public Func<string, string?, string?>? Known { get; init; }

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
        return TryEvaluate(value);
    }

    /// <summary>What a value amounts to; <see langword="null"/> when it is no text, or depends on something that only a deployment to AWS knows.</summary>
    public string? TryEvaluate(Node value)
    {
        _depth = 0;
        return Evaluate(value);
    }

    /// <summary>A value with every CloudFormation function in it worked out; <see langword="null"/> when one cannot be.</summary>
    public Node? TryValue(Node value)
    {
        switch (value)
        {
            case MapNode { Entries: [{ Key: "Ref" or ['F', 'n', ':', ':', ..] }] }:
                return TryEvaluate(value) is { } text ? new ScalarNode(value.At, text, ScalarType.Text) : null;
            case MapNode map:
                var entries = map.Entries.Select(entry => (entry.Key, entry.At, Value: TryValue(entry.Value))).ToList();
                return entries.Exists(static entry => entry.Value is null) ? null : new MapNode(map.At, [.. entries.Select(static entry => new MapEntry(entry.Key, entry.At, entry.Value!))]);
            case ListNode list:
                var items = list.Items.Select(TryValue).ToList();
                return items.Contains(null) ? null : new ListNode(list.At, [.. items.OfType<Node>()]);
            default:
                return value;
        }
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
        "AWS::Region" => Region,
        "AWS::AccountId" => reading.Options.AccountId,
        "AWS::Partition" => "aws",
        "AWS::URLSuffix" => "amazonaws.com",
        "AWS::StackName" => $"{service}-{reading.Resolver.Sources.Stage}",
        _ when name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot => Attribute(name[..dot], name[(dot + 1)..]),
        _ => Physical(name) ?? Known?.Invoke(name, null),
    };

    // What Ref yields.
    private string? Physical(string logicalId) => names.NameOf(logicalId, Evaluate) is not { } name ? null : names.TypeOf(logicalId) switch
    {
        "AWS::SQS::Queue" => QueueUrl(name),
        "AWS::SNS::Topic" => Arn("sns", name),
        _ => name,
    };

    private string? Attribute(string logicalId, string attribute)
    {
        if (names.NameOf(logicalId, Evaluate) is not { } name)
        {
            return Known?.Invoke(logicalId, attribute);
        }

        return (names.TypeOf(logicalId), attribute) switch
        {
            ("AWS::Events::EventBus", "Arn") => Arn("events", $"event-bus/{name}"),
            ("AWS::Scheduler::ScheduleGroup", "Arn") => Arn("scheduler", $"schedule-group/{name}"),
            ("AWS::SQS::Queue", "Arn") => Arn("sqs", name),
            ("AWS::SQS::Queue", "QueueUrl") => QueueUrl(name),
            ("AWS::SNS::Topic", "TopicArn") => Arn("sns", name),
            ("AWS::S3::Bucket", "Arn") => $"arn:aws:s3:::{name}",
            ("AWS::S3::Bucket", "DomainName") => $"{name}.s3.amazonaws.com",
            ("AWS::S3::Bucket", "RegionalDomainName") => $"{name}.s3.{Region}.amazonaws.com",
            (_, "Name" or "QueueName" or "TopicName") => name,
            _ => Known?.Invoke(logicalId, attribute),
        };
    }

    private string Region => reading.Resolver.Sources.Region ?? "us-east-1";

    private string Arn(string of, string name) => $"arn:aws:{of}:{Region}:{reading.Options.AccountId}:{name}";

    // As AWS writes it; where a function runs it becomes the address at which it reaches the queue.
    private string QueueUrl(string name) => $"https://sqs.{Region}.amazonaws.com/{reading.Options.AccountId}/{name}";

    [GeneratedRegex(@"\$\{(?<name>[^}]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();
}
