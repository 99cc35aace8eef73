using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Mayfly.Server.Functions.Layers;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads what may hold CloudFormation functions instead of texts: environment, tags, roles, layers.</summary>
internal sealed partial class ValueMaps(ManifestReading reading, CloudFormationValue cloudFormation, ImmutableArray<LayerDefinition> ownLayers)
{
    private static readonly string[] Reserved =
    [
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    ];

    /// <summary>The <c>environment</c> of a section; a name with no value unsets it.</summary>
    public ImmutableSortedDictionary<string, string?> Environment(Section owner) => Read(owner, "environment", (name, at, key) =>
    {
        if (!VariableName().IsMatch(name))
        {
            throw at.Error($"{key}: \"{name}\" is no name of a variable: letters, digits and _ only, no digit first.");
        }
        if (Reserved.Contains(name, StringComparer.Ordinal))
        {
            throw at.Error($"{key}: {name} is set by the platform and cannot be set here.");
        }
    });

    /// <summary>The <c>tags</c> of a section.</summary>
    public ImmutableSortedDictionary<string, string?> Tags(Section owner) => Read(owner, "tags", (name, at, key) =>
    {
        if (name.Length is 0 or > 128 || name.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
        {
            throw at.Error($"{key}: a tag's name has 1 to 128 characters and does not begin with \"aws:\".");
        }
    });

    /// <summary>The <c>role</c> of a section.</summary>
    public string? Role(Section owner)
    {
        if (owner.Get("role") is not { } value)
        {
            return null;
        }
        var role = cloudFormation.TryText(value, owner.PlaceOf("role"), owner.Name("role"));
        if (role is null)
        {
            reading.Notice(owner.PlaceOf("role"), $"{owner.Name("role")} is {CloudFormationValue.Show(value)}, which only a deployment to AWS knows; it is left out.");
        }
        return role;
    }

    /// <summary>Keeps a role that is described by its statements: nothing is enforced with it.</summary>
    public string? RoleIsDescribed(Section iam)
    {
        reading.Keep(iam.Name("role"), iam.Raw("role")!);
        reading.Notice(iam.PlaceOf("role"), $"{iam.Name("role")} is not active yet: permissions are not enforced.");
        return null;
    }

    /// <summary>The <c>layers</c> of a section: ARNs, and names of the service's own layers. <see langword="null"/> when it has none.</summary>
    public ImmutableArray<string>? Layers(Section owner)
    {
        if (owner.Get("layers") is not { } value)
        {
            return null;
        }
        var (at, name) = (owner.PlaceOf("layers"), owner.Name("layers"));
        var layers = ImmutableArray.CreateBuilder<string>();
        foreach (var item in value is ListNode list ? list.Items : [value])
        {
            if (Layer(item, at, name) is not { } layer)
            {
                reading.Notice(at, $"{name}: {CloudFormationValue.Show(item)} is known to a deployment to AWS only; it is left out.");
            }
            else if (layers.Contains(layer, StringComparer.Ordinal))
            {
                throw at.Error($"{name}: {CloudFormationValue.Show(item)} stands twice.");
            }
            else
            {
                layers.Add(layer);
            }
        }
        return layers.Count <= 5 ? layers.ToImmutable() : throw at.Error($"{name}: there are {layers.Count} layers; 5 are allowed.");
    }

    /// <summary>A text that may depend on what only a deployment to AWS knows: then it is left out, and a notice says so.</summary>
    /// <param name="owner">What has the key.</param>
    /// <param name="key">The key.</param>
    /// <param name="pattern">What the text must be like, if anything.</param>
    /// <param name="what">The same in words.</param>
    public string? Known(Section owner, string key, Regex? pattern = null, string? what = null) =>
        owner.Raw(key) is { } raw ? Known(raw, owner.PlaceOf(key), owner.Name(key), pattern, what) : null;

    /// <summary>A list of such texts; what is left out of it is missing in it. <see langword="null"/> when the list as a whole is not known.</summary>
    public ImmutableArray<string>? KnownList(Section owner, string key, int most, Regex pattern, string what)
    {
        if (Expand(owner, key) is not { } value)
        {
            return null;
        }
        var (at, name) = (owner.PlaceOf(key), owner.Name(key));
        var items = value is ListNode list ? list.Items : [value];
        return items.Length <= most
            ? [.. items.Select(item => Known(item, at, name, pattern, what)).OfType<string>()]
            : throw at.Error($"{name}: there are {items.Length}; {most} are allowed.");
    }

    /// <summary>A map whose keys are read one by one. <see langword="null"/> also when the map as a whole is not known here.</summary>
    public Section? KnownMap(Section owner, string key)
    {
        var value = Expand(owner, key);
        if (value is not null && IsCall(value))
        {
            LeaveOut(owner.Raw(key)!, owner.PlaceOf(key), owner.Name(key));
            return null;
        }
        return value is null ? null : owner.Child(key);
    }

    /// <summary>Whether a value is a map of keys, and no CloudFormation function.</summary>
    public bool IsMap(Section owner, string key)
    {
        try
        {
            return owner.Head(key) is MapNode map && !IsCall(map);
        }
        catch (ManifestException)
        {
            return false;
        }
    }

    private Node? Expand(Section owner, string key)
    {
        try
        {
            return owner.Head(key);
        }
        catch (ManifestException)
        {
            LeaveOut(owner.Raw(key)!, owner.PlaceOf(key), owner.Name(key), "cannot be resolved here");
            return null;
        }
    }

    private string? Known(Node raw, Position at, string name, Regex? pattern, string? what)
    {
        Node value;
        try
        {
            value = reading.Resolver.Resolve(raw);
        }
        catch (ManifestException)
        {
            return LeaveOut(raw, at, name, "cannot be resolved here");
        }
        return value.IsNull ? null
            : cloudFormation.TryText(value, at, name) is not { } text ? LeaveOut(value, at, name)
            : pattern is null || pattern.IsMatch(text) ? text
            : throw at.Error($"{name}: \"{text}\" cannot be used: it must be {what}.");
    }

    private string? LeaveOut(Node value, Position at, string name, string why = "only a deployment to AWS knows")
    {
        reading.Keep(name, value);
        reading.Notice(at, $"{name} is {CloudFormationValue.Show(value)}, which {why}; it is left out.");
        return null;
    }

    private static bool IsCall(Node value) => value is MapNode { Entries: [{ Key: "Ref" or ['F', 'n', ':', ..] }] };

    private string? Layer(Node item, Position at, string name)
    {
        if (item is MapNode { Entries: [{ Key: "Ref", Value: ScalarNode reference }] } && ownLayers.FirstOrDefault(layer => LayerReader.LogicalId(layer.Key) == reference.Text) is { } own)
        {
            return own.Name;
        }
        return cloudFormation.TryText(item, at, name) is not { } text ? null
            : LayerVersionRef.TryParse(text, out LayerVersionRef _) ? text
            : throw at.Error($"{name}: \"{text}\" is no ARN of a layer version. A layer of this service is named by Ref, for example {{ Ref: {LayerReader.LogicalId(ownLayers.IsEmpty ? "shared" : ownLayers[0].Key)} }}.");
    }

    private ImmutableSortedDictionary<string, string?> Read(Section owner, string key, Action<string, Position, string> check)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, string?>(StringComparer.Ordinal);
        if (owner.Child(key) is not { } section)
        {
            return values.ToImmutable();
        }
        foreach (var (name, at, raw) in section.Entries)
        {
            var whole = section.Name(name);
            check(name, at, whole);
            var value = reading.Resolver.Resolve(raw);
            var text = value.IsNull ? null : cloudFormation.TryText(value, at, whole);
            values[name] = text;
            if (text is null && !value.IsNull)
            {
                reading.Notice(at, $"{whole} is {CloudFormationValue.Show(value)}, which is not active yet; it is left unset.");
            }
        }
        return values.ToImmutable();
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VariableName();
}
