using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.Variables;

/// <summary>Where variables get their values from: one entry a source type.</summary>
internal sealed class VariableSources(VariableResolver resolver, MapNode root, ManifestOptions options, ManifestFiles files)
{
    private static readonly string[] Known = ["self", "env", "opt", "file", "sls", "aws", "param", "strToBool"];
    private static readonly string[] Remote = ["ssm", "s3", "cf", "git", "vault", "output", "terraform", "doppler", "secretsmanager", "state"];
    private readonly Dictionary<string, string> _envFile = new(StringComparer.Ordinal);

    /// <summary>The stage: asked for, else the manifest's, else <c>dev</c>.</summary>
    public string Stage => options.Stage ?? ProviderText("stage") ?? "dev";

    /// <summary>The region: asked for, else the manifest's.</summary>
    public string? Region => options.Region ?? ProviderText("region");

    /// <summary>Loads <c>.env.&lt;stage&gt;</c>, or <c>.env</c> when that is not there. Variables that are set already win.</summary>
    public void LoadEnvFile(Position at)
    {
        string stage;
        try
        {
            stage = Stage;
        }
        catch (ManifestException)
        {
            stage = "dev"; // The stage itself may come from the file that is about to be read.
        }
        if ((files.TryReadText($".env.{stage}", at) ?? files.TryReadText(".env", at)) is { } text)
        {
            foreach (var (name, value) in EnvFile.Parse(text))
            {
                _envFile[name] = value;
            }
        }
        resolver.Forget();
    }

    /// <summary>The value of one source; <see langword="null"/> when it has none.</summary>
    /// <exception cref="ManifestException">The source cannot be used at all.</exception>
    public Node? Find(VariableSource source, string shown, Position at)
    {
        switch (source.Type)
        {
            case "self":
                return Walk(root, AddressOf(source, at), at, isRoot: true);
            case "env":
                return Text(at, LookUpEnvironment(Required(source, shown, at)));
            case "opt":
                return Text(at, LookUpOption(Required(source, shown, at)));
            case "param":
                return FindParameter(Required(source, shown, at), at);
            case "sls":
                return Required(source, shown, at) switch
                {
                    "stage" => Text(at, Stage),
                    "instanceId" => Text(at, InstanceId()),
                    var other => throw at.Error($"{shown}: \"sls\" has \"stage\" and \"instanceId\", not \"{other}\"."),
                };
            case "aws":
                return Required(source, shown, at) switch
                {
                    "accountId" => Text(at, options.AccountId),
                    "region" => Text(at, Region ?? "us-east-1"),
                    var other => throw at.Error($"{shown}: \"aws\" has \"accountId\" and \"region\", not \"{other}\"."),
                };
            case "file":
                return FindFile(source, shown, at);
            case "strToBool":
                return ToBoolean(source, shown, at);
            default:
                // A source out of reach has no value, so that a default behind it counts.
                return Remote.Contains(source.Type, StringComparer.Ordinal)
                    ? null
                    : throw at.Error($"{shown}: \"{source.Type}\" is no source of variables{NearestName.Hint(source.Type, Known)}; known are {string.Join(", ", Known)}. Write \\${{ for a plain \"${{\".");
        }
    }

    /// <summary>Why the last source of a variable has no value, and what to do.</summary>
    public string WhyMissing(VariableSource source, string shown, Position at)
    {
        var address = source.Address is null ? "" : AddressOf(source, at);
        var fallback = $"or give a default: {shown[..^1]}, 'value'}}";
        return source.Type switch
        {
            "env" => $"the environment variable {address} is not set; set it{(_envFile.Count > 0 ? " (or in .env)" : "")}, {fallback}.",
            "opt" => $"the option --{address} is not given; give it, {fallback}.",
            "param" => $"the parameter {address} is neither given with --param nor in params.{Stage} or params.default; add it, {fallback}.",
            "self" => $"\"{address}\" is not in the manifest; add it, {fallback}.",
            "file" => $"the file {Argument(source, at)} {(files.TryReadNode(Argument(source, at), at) is null ? "is not there" : $"has no \"{address}\"")}; add it, {fallback}.",
            _ when Remote.Contains(source.Type, StringComparer.Ordinal) =>
                $"the source \"{source.Type}\" reads from a remote service, which is not reached from here; give a default ({shown[..^1]}, 'value'}}) or use ${{env:NAME}}.",
            _ => "none of its sources has one.",
        };
    }

    private string? ProviderText(string key) =>
        root.TryGet("provider", out var provider) && resolver.Expand(provider.Value) is MapNode map && map.TryGet(key, out var entry)
        && resolver.Expand(entry.Value) is ScalarNode { Type: not ScalarType.Null } scalar
            ? scalar.Text
            : null;

    private static ScalarNode? Text(Position at, string? text) => text is null ? null : new(at, text, ScalarType.Text, literal: true);

    private string? LookUpEnvironment(string name) => options.Environment(name) ?? _envFile.GetValueOrDefault(name);

    private string? LookUpOption(string name) => options.Options.TryGetValue(name, out var value) ? value : name switch
    {
        "stage" or "s" => options.Stage,
        "region" or "r" => options.Region,
        _ => null,
    };

    private Node? FindParameter(string name, Position at)
    {
        if (options.Parameters.TryGetValue(name, out var given))
        {
            return Text(at, given);
        }
        if (!root.TryGet("params", out var all))
        {
            return null;
        }
        foreach (var group in new[] { Stage, "default" })
        {
            if (resolver.Expand(all.Value) is MapNode stages && stages.TryGet(group, out var stage)
                && resolver.Expand(stage.Value) is MapNode values && values.TryGet(name, out var value)
                && resolver.Expand(value.Value) is { IsNull: false } found)
            {
                return found;
            }
        }
        return null;
    }

    private Node? FindFile(VariableSource source, string shown, Position at)
    {
        var path = Argument(source, at);
        if (path.Length == 0)
        {
            throw at.Error($"{shown} names no file; write ${{file(path.yml):key}}.");
        }
        if (Path.IsPathRooted(path) || path.StartsWith('~'))
        {
            throw at.Error($"{shown}: the path must be relative to the manifest's folder.");
        }
        if (Path.GetExtension(path).ToLowerInvariant() is ".js" or ".cjs" or ".mjs" or ".ts")
        {
            throw at.Error($"{shown}: code is not run to read a manifest; write the values into a YAML or JSON file, or use ${{env:NAME}}.");
        }
        var node = files.TryReadNode(path, at);
        return node is null || source.Address is null ? (node is null ? null : resolver.Expand(node)) : Walk(node, AddressOf(source, at), at, isRoot: false);
    }

    private ScalarNode? ToBoolean(VariableSource source, string shown, Position at)
    {
        if (source.Arguments.Length == 0 || resolver.Fill(source.Arguments[0], at) is not ScalarNode value)
        {
            throw at.Error($"{shown} needs one value in parentheses.");
        }
        return value.Text.Trim().ToLowerInvariant() switch
        {
            "true" or "1" => new(at, "true", ScalarType.Boolean),
            "false" or "0" => new(at, "false", ScalarType.Boolean),
            "" => null,
            _ => throw at.Error($"{shown}: \"{value.Text}\" is neither true, false, 1 nor 0."),
        };
    }

    private Node? Walk(Node start, string address, Position at, bool isRoot)
    {
        var node = resolver.Expand(start);
        if (address.Length == 0)
        {
            return node;
        }
        foreach (var key in address.Split('.'))
        {
            var next = node switch
            {
                MapNode map when map.TryGet(key, out var entry) => entry.Value,
                ListNode list when int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Items.Length => list.Items[index],
                _ => null,
            };
            if (next is null)
            {
                // Serverless fills these two in when the manifest leaves them out.
                return isRoot ? address switch
                {
                    "provider.stage" => Text(at, Stage),
                    "provider.region" => Text(at, Region ?? "us-east-1"),
                    _ => null,
                } : null;
            }
            node = resolver.Expand(next);
        }
        return node;
    }

    private string AddressOf(VariableSource source, Position at) => source.Address is null ? "" : ScalarText(source.Address, at);

    private string Argument(VariableSource source, Position at) => source.Arguments.Length == 0 ? "" : ScalarText(source.Arguments[0], at);

    private string Required(VariableSource source, string shown, Position at) =>
        AddressOf(source, at) is { Length: > 0 } address ? address : throw at.Error($"{shown} names nothing behind the colon.");

    private string ScalarText(Template template, Position at) =>
        resolver.Fill(template, at) is ScalarNode scalar ? scalar.Text : throw at.Error("a variable inside another one must be a text.");

    /// <summary>The same at every reading, unlike Serverless' random one: else every save of a file would change every function.</summary>
    private string InstanceId() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(files.Folder)))[..10];
}
