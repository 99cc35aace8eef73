using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads what may hold CloudFormation functions instead of texts: environment, tags, roles.</summary>
internal sealed partial class ValueMaps(ManifestReading reading, CloudFormationValue cloudFormation)
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
