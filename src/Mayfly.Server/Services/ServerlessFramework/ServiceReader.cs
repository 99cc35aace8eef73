using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Services.Nodes;
using Mayfly.Server.Services.Variables;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads a whole <c>serverless.yml</c> as the Serverless Framework v3 defines it for AWS.</summary>
internal static partial class ServiceReader
{
    /// <summary>Reads it.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="files">The files of this reading.</param>
    /// <param name="options">What it is read with.</param>
    public static ServiceManifest Read(string file, ManifestFiles files, ManifestOptions options)
    {
        var start = new Position(file, 1);
        if (files.TryReadNode(file, start) is not MapNode root)
        {
            throw start.Error("a manifest is a map of keys: service, provider and functions at least.");
        }
        var resolver = new VariableResolver(root, options, files);
        var reading = new ManifestReading(options, resolver, files);
        var top = Section.Of(reading, root, "", start);
        if (top.Flag("useDotenv") == true)
        {
            resolver.Sources.LoadEnvFile(top.PlaceOf("useDotenv"));
        }
        reading.IsLenient = top.Text("configValidationMode") is "off" or "warn";
        reading.HasPlugins = top.Raw("plugins") is not null;
        top.Check(KnownKeys.Service);

        var service = ReadName(top);
        var stage = ReadStage(top, resolver);
        var resources = ReadInactive(reading, top);
        var layers = LayerReader.Read(top, reading);
        var named = new ResourceNames($"{service}-{stage}", resources);
        var values = new CloudFormationValue(reading, service, named);
        var maps = new ValueMaps(reading, values, layers);
        var provider = ReadProvider(top, maps);
        var names = new RuleNames($"{service}-{stage}");
        var scheduler = new SchedulerReader(names);
        var rules = new RuleReader(reading, names, scheduler);
        var sources = new ResourceValues(reading, values, named, []);
        var (uploads, messages) = (new UploadReader(sources, top.Head("provider") is MapNode ? top.Child("provider")!.Child("s3") : null), new MessageReader(sources));
        var events = new EventReader(reading, provider, rules, uploads, messages);
        var functions = ReadFunctions(top, reading, new FunctionReader(reading, provider, PackageSettings.Read(top), maps), events, maps, $"{service}-{stage}");
        var known = new CloudFormationValue(reading, service, named) { Known = (logicalId, attribute) => FunctionOf(reading, functions, logicalId, attribute) };
        var declared = new ResourceReader(new(reading, known, named, [.. functions.Select(static function => function.Name)]));
        declared.Read();
        return new()
        {
            Name = service,
            Stage = stage,
            Region = resolver.Sources.Region,
            Folder = files.Folder,
            File = Path.Combine(files.Folder, file),
            Layers = layers,
            Functions = functions,
            Routes = events.Routes(),
            Rules = [.. rules.Rules, .. declared.Rules],
            Schedules = [.. scheduler.Schedules, .. declared.Schedules],
            ScheduleGroups = [.. declared.Groups],
            Buses = [.. declared.Buses],
            Buckets = BucketsOf(uploads.Buckets, declared.Uploads.Buckets),
            Notifications = [.. uploads.Notifications, .. declared.Uploads.Notifications],
            Queues = [.. declared.Messaging.Queues],
            Topics = [.. declared.Messaging.Topics.Concat(messages.Topics).DistinctBy(static topic => topic.Name, StringComparer.Ordinal)],
            Subscriptions = [.. messages.Subscriptions, .. declared.Messaging.Subscriptions],
            Mappings = [.. messages.Mappings, .. declared.Messaging.Mappings],
            Brokers = ReadBrokers(top),
            Notices = [.. reading.Notices.OrderBy(notice => notice.File != file).ThenBy(notice => notice.File, StringComparer.Ordinal).ThenBy(notice => notice.Line)],
            Inactive = [.. reading.Inactive],
            Files = [.. files.Read],
        };
    }

    private static ImmutableArray<DeployedBroker> ReadBrokers(Section top)
    {
        var own = top.Child("mayfly");
        own?.Check(KnownKeys.ServiceMayfly);
        if (own?.Child("brokers") is not { } brokers)
        {
            return [];
        }

        var read = ImmutableArray.CreateBuilder<DeployedBroker>();
        foreach (var (name, _, _) in brokers.Entries)
        {
            var url = brokers.Text(name);
            read.Add(BrokerKey.IsName(name) && url is not null && Broker.IsUrl(url)
                ? new(name, url)
                : throw brokers.Error(name, $"must have a name of at most {BrokerKey.MaxName} letters, digits, - and _, and a URL such as amqp://user:password@127.0.0.1:5672."));
        }

        return read.ToImmutable();
    }

    // A bucket that resources describe is that one, wherever else it is named.
    private static ImmutableArray<DeployedBucket> BucketsOf(IReadOnlyList<DeployedBucket> named, IReadOnlyList<DeployedBucket> described) =>
        [.. described.Concat(named.OrderBy(static bucket => bucket is { Versioned: null, EventBridge: null, CorsRules: null, LifecycleRules: null }).ThenBy(static bucket => bucket.Existing)).DistinctBy(static bucket => bucket.Name, StringComparer.Ordinal)];

    // A function's logical id is its key as the Serverless Framework writes it.
    private static string? FunctionOf(ManifestReading reading, ImmutableArray<FunctionDefinition> functions, string logicalId, string? attribute) =>
        functions.FirstOrDefault(function => LogicalIdOf(function.Key) == logicalId) is not { } found ? null
        : attribute is null ? found.Name
        : $"arn:aws:lambda:{reading.Resolver.Sources.Region ?? "us-east-1"}:{reading.Options.AccountId}:function:{found.Name}";

    private static string LogicalIdOf(string key)
    {
        var id = key.Replace("-", "Dash", StringComparison.Ordinal).Replace("_", "Underscore", StringComparison.Ordinal);
        return $"{char.ToUpperInvariant(id[0])}{id[1..]}LambdaFunction";
    }

    private static string ReadName(Section top)
    {
        const string Rule = "a letter first, then letters, digits and - only";
        if (top.Head("service") is MapNode)
        {
            var section = top.Child("service")!;
            section.Check(KnownKeys.ServiceName);
            return section.Text("name", ServiceName(), Rule) ?? throw section.Error("name", "is missing.");
        }
        return top.Text("service", ServiceName(), Rule) ?? throw top.Error("service", "is missing; write the service's name, for example service: shop.");
    }

    private static string ReadStage(Section top, VariableResolver resolver)
    {
        var stage = resolver.Sources.Stage;
        return StageName().IsMatch(stage) ? stage : throw top.PlaceOf("provider").Error($"provider.stage: \"{stage}\" cannot be used: letters, digits and - only.");
    }

    private static ProviderSettings ReadProvider(Section top, ValueMaps maps)
    {
        if (top.Head("provider") is ScalarNode { Text: "aws" })
        {
            return new();
        }
        var provider = top.Child("provider") ?? throw top.Error("provider", "is missing; write provider: { name: aws, runtime: … }.");
        if (provider.Text("name") is not "aws" and var name)
        {
            throw provider.Error("name", name is null ? "is missing; write name: aws." : $"must be aws, not \"{name}\".");
        }
        if (provider.Text("region") is { } region && !RegionName().IsMatch(region))
        {
            throw provider.Error("region", $"\"{region}\" is no region's name.");
        }
        return ProviderSettings.Read(provider, maps);
    }

    /// <summary>Keeps what has no engine yet, and says so in one line each.</summary>
    private static Node? ReadInactive(ManifestReading reading, Section top)
    {
        Node? resources = null;
        foreach (var key in new[] { "resources", "plugins", "outputs" })
        {
            if (top.Raw(key) is not { } raw)
            {
                continue;
            }
            var kept = reading.Keep(key, raw);
            resources = key == "resources" ? kept : resources;
            string[] types = key == "resources" ? [.. ResourceTypes(kept)] : [];
            if (types.Length > 0 && types.All(ResourceReader.Types.Contains))
            {
                continue;
            }
            var what = key switch
            {
                "resources" => $"{(types.Any(ResourceReader.Types.Contains) ? "these " : "")}resources are not active yet{Listed(types.Except(ResourceReader.Types))}.",
                "plugins" => $"plugins are not active: Serverless plugins are not run{Listed(Texts(kept))}.",
                _ => $"{key} are not active yet.",
            };
            reading.Notice(top.PlaceOf(key), what);
        }
        return resources;

        static string Listed(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? $" ({list})" : "";

        static IEnumerable<string> Texts(Node node) => node switch
        {
            ListNode list => list.Items.OfType<ScalarNode>().Select(item => item.Text),
            MapNode map when map.TryGet("modules", out var modules) => Texts(modules.Value),
            _ => [],
        };
    }

    private static IEnumerable<string> ResourceTypes(Node resources) =>
        (resources is ListNode list ? [.. list.Items] : new[] { resources })
            .OfType<MapNode>()
            .SelectMany(template => template.TryGet("Resources", out var all) && all.Value is MapNode map ? map.Entries.AsEnumerable() : [])
            .Select(entry => entry.Value is MapNode body && body.TryGet("Type", out var type) && type.Value is ScalarNode text ? text.Text : entry.Key)
            .Distinct(StringComparer.Ordinal);

    private static ImmutableArray<FunctionDefinition> ReadFunctions(Section top, ManifestReading reading, FunctionReader reader, EventReader events, ValueMaps maps, string prefix)
    {
        var functions = ImmutableArray.CreateBuilder<FunctionDefinition>();
        var keys = new Dictionary<string, Position>(StringComparer.Ordinal);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var entries = FunctionEntries(top, reading).ToList();
        var async = new AsyncReader(maps, [.. entries.Select(static entry => entry.Key)], Target);
        foreach (var (key, at, value) in entries)
        {
            if (!keys.TryAdd(key, at))
            {
                throw at.Error($"functions.{key} stands twice, first at {keys[key].File}:{keys[key].Line}.");
            }
            var section = Section.Of(reading, value, $"functions.{key}", at);
            if (reader.Read(section, key, prefix, async) is not { } function)
            {
                continue;
            }
            if (!names.TryAdd(function.Name, key))
            {
                throw section.Error("name", $"\"{function.Name}\" is the name of function '{names[function.Name]}' already.");
            }
            events.Read(section, key, function.Name);
            functions.Add(function);
        }
        return functions.ToImmutable();

        string? Target(string key)
        {
            var found = entries.FindIndex(entry => entry.Key == key);
            if (found < 0)
            {
                return null;
            }
            var section = Section.Of(reading, entries[found].Value, $"functions.{key}", entries[found].At);
            var name = FunctionReader.ReadName(section, key, prefix);
            return ReleaseReader.Read(section) is { } alias ? $"{name}:{alias.Name}" : name;
        }
    }

    /// <summary>Functions are one map, or a list of maps, each of which may be a file.</summary>
    private static IEnumerable<MapEntry> FunctionEntries(Section top, ManifestReading reading)
    {
        if (top.Raw("functions") is not { } raw)
        {
            return [];
        }
        var at = top.PlaceOf("functions");
        return reading.Resolver.Expand(raw) is ListNode list
            ? list.Items.Where(item => !reading.Resolver.Expand(item).IsNull).SelectMany(item => Section.Of(reading, item, "functions", item.At).Entries)
            : Section.Of(reading, raw, "functions", at).Entries;
    }

    [GeneratedRegex(@"^[A-Za-z][0-9A-Za-z-]*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"^[A-Za-z0-9-]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StageName();

    [GeneratedRegex(@"^[a-z0-9-]{1,32}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RegionName();
}
