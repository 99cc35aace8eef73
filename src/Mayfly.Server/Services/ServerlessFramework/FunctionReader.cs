using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Mayfly.Server.Functions;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads one function, the provider's defaults included.</summary>
internal sealed partial class FunctionReader(ManifestReading reading, ProviderSettings provider, PackageSettings servicePackage, ValueMaps maps)
{
    /// <summary>The runtime that starts a command which listens for HTTP.</summary>
    private const string CommandRuntime = "http";

    private static readonly string[] UrlCorsHeaders = ["Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token"];

    /// <summary>Reads a function.</summary>
    /// <param name="section">Its map.</param>
    /// <param name="key">Its key.</param>
    /// <param name="prefix">Service and stage, <c>shop-dev</c>.</param>
    /// <param name="async">Reads what becomes of its asynchronous invocations.</param>
    /// <returns><see langword="null"/> when it cannot be deployed here, which a notice says.</returns>
    public FunctionDefinition? Read(Section section, string key, string prefix, AsyncReader async)
    {
        section.Check(KnownKeys.Function, HintAtMayfly);
        if (section.Raw("image") is { } image)
        {
            reading.Keep(section.Name("image"), image);
            reading.Notice(section.PlaceOf("image"), $"function '{key}' is a container image, which is not active yet; it is left out.");
            return null;
        }
        var mayfly = section.Child("mayfly");
        mayfly?.Check(KnownKeys.Mayfly);
        var package = PackageSettings.Read(section);
        var artifact = package.Artifact ?? servicePackage.Artifact;
        return new()
        {
            Key = key,
            Name = ReadName(section, key, prefix),
            Config = ReadConfig(section, mayfly),
            CodeFolder = ReadFolder(mayfly),
            PackagePatterns = [.. servicePackage.Patterns, .. package.Patterns],
            Artifact = artifact is null ? null : Path.GetFullPath(artifact, reading.Files.Folder),
            Url = ReadUrl(section),
            Alias = ReleaseReader.Read(section),
            Async = async.Read(section, key),
            KeepsVersions = section.Flag("versionFunction") ?? provider.KeepsVersions,
            Line = section.At.Line,
        };
    }

    private static string? HintAtMayfly(string key) =>
        KnownKeys.Mayfly.Active.Contains(key, StringComparer.Ordinal) ? $"; it belongs into the function's block \"mayfly:\", did you mean \"mayfly: {{ {key}: … }}\"?" : null;

    private FunctionConfig ReadConfig(Section section, Section? mayfly)
    {
        var runtime = ReadRuntime(section);
        var command = mayfly?.Text("command");
        if (runtime == CommandRuntime && string.IsNullOrWhiteSpace(command))
        {
            throw section.Error("runtime", "needs the command that starts the server: write mayfly: { command: … } in this function. The command listens on $PORT.");
        }
        var handler = section.Text("handler");
        if (string.IsNullOrWhiteSpace(handler) && command is null && !runtime.StartsWith("provided", StringComparison.Ordinal))
        {
            throw section.Error("handler", "is missing; write the entry point, for example handler: app.handler.");
        }
        var shared = SharedSettings.OfFunction(section, maps, provider.Shared);
        return new()
        {
            Runtime = runtime,
            Handler = handler ?? "",
            Description = section.Text("description", UpTo256(), "at most 256 characters") ?? "",
            Role = maps.Role(section) ?? provider.Role ?? "",
            MemoryMb = section.Integer("memorySize", 128, 10_240, " MiB") ?? provider.MemoryMb,
            TimeoutSeconds = section.Integer("timeout", 1, 900, " seconds") ?? provider.TimeoutSeconds,
            EphemeralStorageMb = section.Integer("ephemeralStorageSize", 512, 10_240, " MiB") ?? provider.EphemeralStorageMb,
            Environment = ReadEnvironment(section),
            Architectures = [section.Choice("architecture", "x86_64", "arm64") ?? provider.Architecture],
            ReservedConcurrency = section.Integer("reservedConcurrency", 0, int.MaxValue),
            Concurrency = mayfly?.Integer("concurrency", 1, 1000) ?? 1,
            Network = mayfly?.Choice("network", "host", "egress", "none") switch
            {
                "host" => NetworkMode.Host,
                "egress" => NetworkMode.Egress,
                "none" => NetworkMode.None,
                _ => null,
            },
            RunsWhileIdle = mayfly?.Choice("idle", "freeze", "run") == "run",
            Command = command,
            Layers = maps.Layers(section) ?? provider.Layers,
            Tags = Merge(provider.Tags, maps.Tags(section)),
            Tracing = shared.Tracing,
            KmsKeyArn = shared.KmsKeyArn,
            Logging = shared.Logging,
            Vpc = shared.Vpc,
            DeadLetterArn = maps.Known(section, "onError", DeadLetterTarget(), "the ARN of an SNS topic or an SQS queue"),
            SnapStart = section.Flag("snapStart") == true ? "PublishedVersions" : null,
            FileSystems = ReadFileSystem(section, shared.HasVpc),
        };
    }

    private ImmutableArray<FileSystemMount> ReadFileSystem(Section section, bool hasVpc)
    {
        const string Key = "fileSystemConfig";
        if (maps.KnownMap(section, Key) is not { } system)
        {
            return [];
        }
        system.Check(KnownKeys.FileSystem);
        if (system.Raw("arn") is null)
        {
            throw system.Error("arn", "is missing.");
        }
        var path = system.Text("localMountPath", MountPath(), "a name below /mnt/, for example /mnt/shared") ?? throw system.Error("localMountPath", "is missing; write for example localMountPath: /mnt/shared.");
        if (!hasVpc)
        {
            throw section.Error(Key, "needs a vpc in the function or in the provider.");
        }
        reading.Notice(section.PlaceOf(Key), $"{section.Name(Key)} is kept, but no file system is mounted at {path} yet.");
        return maps.Known(system, "arn", AccessPoint(), "the ARN of an EFS access point") is { } arn ? [new(arn, path)] : [];
    }

    private string ReadRuntime(Section section)
    {
        var own = section.Text("runtime");
        var runtime = own ?? provider.Runtime ?? throw section.Error("runtime", "is missing; set it here or in provider.runtime.");
        var known = reading.Options.KnownRuntimes;
        if (known.Count > 0 && !known.Contains(runtime, StringComparer.Ordinal))
        {
            var at = own is null ? provider.RuntimeAt : section.PlaceOf("runtime");
            var hint = NearestName.Hint(runtime, known);
            throw at.Error($"{(own is null ? "provider.runtime" : section.Name("runtime"))}: the runtime \"{runtime}\" is not known{(hint.Length > 0 ? hint : ".")} Known are {string.Join(", ", known)}.");
        }
        return runtime;
    }

    private ImmutableSortedDictionary<string, string> ReadEnvironment(Section section)
    {
        var merged = Merge(provider.Environment, maps.Environment(section));
        var bytes = merged.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value));
        return bytes <= 4096 ? merged : throw section.Error("environment", $"all variables together are {bytes} bytes; 4096 are allowed.");
    }

    private static ImmutableSortedDictionary<string, string> Merge(ImmutableSortedDictionary<string, string?> all, ImmutableSortedDictionary<string, string?> own)
    {
        var merged = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in all.SetItems(own))
        {
            if (value is not null)
            {
                merged[name] = value;
            }
        }
        return merged.ToImmutable();
    }

    /// <summary>The deployed name of a function.</summary>
    public static string ReadName(Section section, string key, string prefix)
    {
        if (!FunctionName().IsMatch(key))
        {
            throw section.At.Error($"{section.Path}: the key of a function has letters, digits, - and _ only.");
        }
        var name = section.Text("name", FunctionName(), "letters, digits, - and _ only") ?? $"{prefix}-{key}";
        return name.Length <= 64 ? name : throw section.Error("name", $"\"{name}\" has {name.Length} characters; 64 are allowed. Set a shorter \"name\".");
    }

    private string ReadFolder(Section? mayfly)
    {
        if (mayfly?.Text("folder") is not { } folder)
        {
            return reading.Files.Folder;
        }
        var full = Path.GetFullPath(folder, reading.Files.Folder);
        return Directory.Exists(full) ? full : throw mayfly.Error("folder", $"the folder \"{folder}\" is not there.");
    }

    private static FunctionUrl? ReadUrl(Section section)
    {
        switch (section.Get("url"))
        {
            case null:
                return null;
            case ScalarNode:
                return section.Flag("url") == true ? new() { Id = "" } : null;
        }
        var url = section.Child("url")!;
        url.Check(KnownKeys.Url);
        return new()
        {
            Id = "",
            AuthType = url.Choice("authorizer", "aws_iam") is null ? "NONE" : "AWS_IAM",
            InvokeMode = url.Choice("invokeMode", "BUFFERED", "RESPONSE_STREAM") ?? "BUFFERED",
            Cors = CorsReader.Read(url, UrlCorsHeaders, ["*"]),
        };
    }

    [GeneratedRegex(@"^arn:aws[a-zA-Z-]*:(sns|sqs):.+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DeadLetterTarget();

    [GeneratedRegex(@"^arn:aws[a-zA-Z-]*:elasticfilesystem:[a-z0-9-]+:[0-9]{12}:access-point/fsap-[a-f0-9]{17}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AccessPoint();

    [GeneratedRegex(@"^/mnt/[a-zA-Z0-9_.-]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MountPath();

    [GeneratedRegex(@"^[A-Za-z0-9_-]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FunctionName();

    [GeneratedRegex(@"^.{0,256}\z", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UpTo256();
}
