using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Connections;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>HTTP endpoints that events are sent to.</summary>
internal sealed class ApiDestinationsResource(ConnectionRegistry registry, TimeProvider time)
{
    private const int DefaultRate = 300;

    public async Task<JsonObject?> CreateAsync(JsonCall call)
    {
        var name = Name(call);
        Check(call);
        var now = time.GetUtcNow();
        var destination = await ChangeAsync(name, existing => existing is not null ? throw AwsException.Exists($"An api-destination '{name.Name}' already exists.") : new()
        {
            Name = name,
            Id = Guid.NewGuid().ToString(),
            Description = call.Text("Description"),
            ConnectionArn = call.Required("ConnectionArn"),
            Endpoint = call.Required("InvocationEndpoint"),
            HttpMethod = call.Required("HttpMethod"),
            RateLimit = Rate(call) ?? DefaultRate,
            CreationTime = now,
            LastModifiedTime = now,
        });
        return Outcome(destination);
    }

    public async Task<JsonObject?> UpdateAsync(JsonCall call)
    {
        var name = Name(call);
        Check(call);
        return Outcome(await ChangeAsync(name, existing => (existing ?? throw NoDestination(name)) with
        {
            Description = call.Text("Description") ?? existing.Description,
            ConnectionArn = call.Text("ConnectionArn") ?? existing.ConnectionArn,
            Endpoint = call.Text("InvocationEndpoint") ?? existing.Endpoint,
            HttpMethod = call.Text("HttpMethod") ?? existing.HttpMethod,
            RateLimit = Rate(call) ?? existing.RateLimit,
            LastModifiedTime = time.GetUtcNow(),
        }));
    }

    public async Task<JsonObject?> DeleteAsync(JsonCall call)
    {
        var name = Name(call);
        await registry.ChangeAsync(name, (ApiDestination? existing) => existing is null ? throw NoDestination(name) : null);
        return null;
    }

    public Task<JsonObject?> DescribeAsync(JsonCall call)
    {
        var name = Name(call);
        var destination = registry.Current.Destinations.GetValueOrDefault(name) ?? throw NoDestination(name);
        var answer = Summary(destination);
        answer.Set("Description", destination.Description);
        return Task.FromResult<JsonObject?>(answer);
    }

    public Task<JsonObject?> ListAsync(JsonCall call) => Task.FromResult<JsonObject?>(EventsPages.Answer(call, "ApiDestinations", registry.Current.Destinations.Values
        .Where(destination => destination.Name.Account == call.Scope.Account && destination.Name.Region == call.Scope.Region
            && destination.Name.Name.StartsWith(call.Text("NamePrefix") ?? "", StringComparison.Ordinal)
            && (call.Text("ConnectionArn") ?? destination.ConnectionArn) == destination.ConnectionArn)
        .Select(destination => (destination.Name.Name, (JsonNode)Summary(destination)))));

    private static ScopedName Name(JsonCall call) => new(call.Scope.Account, call.Scope.Region, call.Required("Name"));

    private static AwsException NoDestination(in ScopedName name) => AwsException.NotFound($"An api-destination '{name.Name}' does not exist.");

    private static int? Rate(JsonCall call) => call.Input.Member("InvocationRateLimitPerSecond")?.GetInt32();

    private void Check(JsonCall call)
    {
        if (call.Text("ConnectionArn") is { } arn && registry.Current.FindConnection(arn) is null)
        {
            var parts = arn.Split('/');
            throw AwsException.NotFound($"Connection '{parts[^2]}' does not exist.");
        }

        if (call.Text("InvocationEndpoint") is { } endpoint)
        {
            EndpointUrls.Check(call, "InvocationEndpoint", endpoint);
        }
    }

    private string StateOf(ApiDestination destination) =>
        registry.Current.FindConnection(destination.ConnectionArn) is { State: not Connection.Deauthorized } ? "ACTIVE" : "INACTIVE";

    private JsonObject Outcome(ApiDestination destination) => new()
    {
        ["ApiDestinationArn"] = destination.Arn,
        ["ApiDestinationState"] = StateOf(destination),
        ["CreationTime"] = EventsNames.Seconds(destination.CreationTime),
        ["LastModifiedTime"] = EventsNames.Seconds(destination.LastModifiedTime),
    };

    private JsonObject Summary(ApiDestination destination)
    {
        var summary = Outcome(destination);
        summary["Name"] = destination.Name.Name;
        summary["ConnectionArn"] = destination.ConnectionArn;
        summary["InvocationEndpoint"] = destination.Endpoint;
        summary["HttpMethod"] = destination.HttpMethod;
        summary["InvocationRateLimitPerSecond"] = destination.RateLimit;
        return summary;
    }

    private async Task<ApiDestination> ChangeAsync(ScopedName name, Func<ApiDestination?, ApiDestination> change) =>
        (await registry.ChangeAsync(name, (ApiDestination? existing) => change(existing)))!;
}
