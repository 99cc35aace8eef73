using System.Collections.Immutable;

namespace Mayfly.Server.Services.Nodes;

/// <summary>Short forms of CloudFormation functions in YAML (<c>!Ref x</c>), read into their long forms (<c>{Ref: x}</c>).</summary>
internal static class CloudFormationTag
{
    private static readonly string[] Names =
    [
        "And", "Base64", "Cidr", "Condition", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAtt", "GetAZs", "If",
        "ImportValue", "Join", "Length", "Not", "Or", "Ref", "RefAll", "Select", "Split", "Sub", "ToJsonString", "Transform", "ValueOf", "ValueOfAll",
    ];

    /// <summary>Writes a tagged value in the long form.</summary>
    /// <exception cref="ManifestException">Nobody knows the tag.</exception>
    public static Node Expand(string tag, Node value, Position at)
    {
        var name = tag.TrimStart('!');
        if (!Names.Contains(name, StringComparer.Ordinal))
        {
            throw at.Error($"the tag \"{tag}\" is not known{NearestName.Hint(name, Names, prefix: "!")}; CloudFormation's short forms can be used here.");
        }
        if (name == "GetAtt" && value is ScalarNode scalar && scalar.Text.IndexOf('.') is > 0 and var dot)
        {
            value = new ListNode(value.At, [new ScalarNode(value.At, scalar.Text[..dot], ScalarType.Text), new ScalarNode(value.At, scalar.Text[(dot + 1)..], ScalarType.Text)]);
        }
        return new MapNode(at, [new(name is "Ref" or "Condition" ? name : "Fn::" + name, at, value)]);
    }
}
