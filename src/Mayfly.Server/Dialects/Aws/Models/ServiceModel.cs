using System.Collections.Concurrent;
using System.Text.Json;

namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>
/// What a service's own model says of its operations, types and errors. It is read on the first use: neither a start
/// nor an invocation needs it. Of its types only those that a request needs are ever made.
/// </summary>
internal sealed class ServiceModel
{
    private static readonly Lazy<ServiceModel> TheLambda = new(static () => new("lambda"));
    private static readonly Lazy<ServiceModel> TheEvents = new(static () => new("events"));
    private static readonly Lazy<ServiceModel> TheScheduler = new(static () => new("scheduler"));
    private static readonly Lazy<ServiceModel> TheSqs = new(static () => new("sqs"));
    private static readonly Lazy<ServiceModel> TheSns = new(static () => new("sns"));

    private readonly JsonElement _table;
    private readonly ConcurrentDictionary<string, ModelShape> _shapes = new(StringComparer.Ordinal);

    private ServiceModel(string name)
    {
        using var stream = typeof(ServiceModel).Assembly.GetManifestResourceStream($"models/{name}.json")
            ?? throw new InvalidOperationException($"The model {name} is not in the program.");
        var root = JsonDocument.Parse(stream).RootElement;
        Name = root.GetProperty("service"u8).GetString()!;
        Version = root.GetProperty("version"u8).GetString()!;
        Namespace = root.TryGetProperty("namespace"u8, out var space) ? space.GetString() : null;
        _table = root.GetProperty("shapes"u8);
        foreach (var operation in root.GetProperty("operations"u8).EnumerateArray())
        {
            var made = ModelReader.Operation(operation);
            Operations.Add(made.Name, made);
        }

        Router = new(Operations.Values);
    }

    /// <summary>AWS Lambda.</summary>
    public static ServiceModel Lambda => TheLambda.Value;

    /// <summary>EventBridge.</summary>
    public static ServiceModel Events => TheEvents.Value;

    /// <summary>EventBridge Scheduler.</summary>
    public static ServiceModel Scheduler => TheScheduler.Value;

    /// <summary>SQS.</summary>
    public static ServiceModel Sqs => TheSqs.Value;

    /// <summary>SNS.</summary>
    public static ServiceModel Sns => TheSns.Value;

    /// <summary>What the service is called in signatures.</summary>
    public string Name { get; }

    /// <summary>The day of its API, as <c>2012-11-05</c>.</summary>
    public string Version { get; }

    /// <summary>The namespace of its XML; <see langword="null"/> where it does not speak the query protocol.</summary>
    public string? Namespace { get; }

    /// <summary>Every operation, by name.</summary>
    public Dictionary<string, ModelOperation> Operations { get; } = new(StringComparer.Ordinal);

    /// <summary>Tells which operation a request asks for.</summary>
    public ModelRouter Router { get; }

    /// <summary>A type that the model refers to.</summary>
    public ModelShape Shape(string name) => _shapes.GetOrAdd(name, static (key, table) => ModelReader.Shape(table.GetProperty(key)), _table);

    /// <summary>An error by its name.</summary>
    /// <returns><see langword="null"/> if the model has none of this name: then the service's framework answers with it.</returns>
    public ModelShape? Error(string name) => _table.TryGetProperty(name, out _) && Shape(name) is { Status: not null } error ? error : null;
}
