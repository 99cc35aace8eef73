using System.Collections.Immutable;
using Mayfly.Server.Functions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Values of a manifest's <c>resources</c> and of events that refer to them.</summary>
/// <param name="reading">The manifest.</param>
/// <param name="values">Works out CloudFormation functions.</param>
/// <param name="names">The resources and their names.</param>
/// <param name="functions">The deployed names of the functions.</param>
internal sealed class ResourceValues(ManifestReading reading, CloudFormationValue values, ResourceNames names, IReadOnlyCollection<string> functions)
{
    /// <summary>The manifest.</summary>
    public ManifestReading Reading { get; } = reading;

    /// <summary>The resources and their names.</summary>
    public ResourceNames Names { get; } = names;

    /// <summary>The region of the service.</summary>
    public string Region => Reading.Resolver.Sources.Region ?? "us-east-1";

    /// <summary>The name of a resource.</summary>
    /// <exception cref="UnknownValueException">Only a deployment to AWS knows it.</exception>
    public string Name(string logicalId) => Names.NameOf(logicalId, values.TryEvaluate) ?? throw new UnknownValueException($"the name of {logicalId}");

    /// <summary>The ARN of a resource of the service's account and region.</summary>
    public string Arn(string of, string name) => $"arn:aws:{of}:{Region}:{Reading.Options.AccountId}:{name}";

    /// <summary>A text.</summary>
    /// <exception cref="UnknownValueException">Only a deployment to AWS knows it.</exception>
    public string? Text(Section section, string key) =>
        section.Get(key) is not { } value ? null
        : values.TryText(value, section.PlaceOf(key), section.Name(key)) ?? throw new UnknownValueException($"{key} {CloudFormationValue.Show(value)}");

    /// <summary>A text that stands at a place.</summary>
    /// <exception cref="UnknownValueException">Only a deployment to AWS knows it.</exception>
    public string Text(Node value, Position at, string owner) => values.TryText(value, at, owner) ?? throw new UnknownValueException(CloudFormationValue.Show(value));

    /// <summary>A text that must be there.</summary>
    /// <exception cref="UnknownValueException">Only a deployment to AWS knows it.</exception>
    public string Required(Section section, string key) => Text(section, key) ?? throw section.Error(key, "is missing.");

    /// <summary>JSON: of a map or list, or the text of one that is a text already.</summary>
    /// <exception cref="UnknownValueException">Only a deployment to AWS knows a part of it.</exception>
    public string? Json(Section section, string key) => section.Get(key) is not { } value ? null
        : (values.TryValue(value) ?? throw new UnknownValueException($"{key} {CloudFormationValue.Show(value)}")) is var known && known is ScalarNode { Type: ScalarType.Text } text ? text.Text
        : NodeJson.Write(known);

    /// <summary>The maps of a list.</summary>
    public IEnumerable<Section> List(Section section, string key) =>
        (section.Get(key) is ListNode list ? list.Items : []).Select((item, index) => Section.Of(Reading, item, $"{section.Name(key)}.{index}", item.At));

    /// <summary>The <c>Tags</c> of a resource.</summary>
    public ImmutableSortedDictionary<string, string> Tags(Section section)
    {
        var tags = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var tag in List(section, "Tags"))
        {
            tags[Required(tag, "Key")] = Text(tag, "Value") ?? "";
        }

        return tags.ToImmutable();
    }

    /// <summary>A function of this manifest by its deployed name, so that its alias is found; everything else by its ARN.</summary>
    public (string Function, string? Arn) Target(string arn) =>
        FunctionRef.TryParse(arn, Reading.Options.AccountId, Region, out var reference) && reference.Qualifier is null && functions.Contains(reference.Key.Name, StringComparer.Ordinal)
            ? (reference.Key.Name, null)
            : ("", arn);
}
