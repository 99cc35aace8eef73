using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Connections;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>Connections of API destinations.</summary>
internal sealed class ConnectionsResource(ConnectionRegistry registry, ApiDestinationTarget target, TimeProvider time)
{
    public async Task<JsonObject?> CreateAsync(JsonCall call)
    {
        var name = Name(call);
        var (now, type) = (time.GetUtcNow(), call.Required("AuthorizationType"));
        var connection = await ChangeAsync(name, existing => existing is not null ? throw AwsException.Exists($"Connection {name.Name} already exists.") : Ready(new()
        {
            Name = name,
            Id = Guid.NewGuid().ToString(),
            Description = call.Text("Description"),
            AuthorizationType = type,
            AuthParameters = Parameters(call, null, type),
            State = "",
            KmsKeyIdentifier = call.Text("KmsKeyIdentifier"),
            CreationTime = now,
            LastModifiedTime = now,
        }));
        return Outcome(connection, false);
    }

    public async Task<JsonObject?> UpdateAsync(JsonCall call)
    {
        var name = Name(call);
        var connection = await ChangeAsync(name, existing =>
        {
            var type = call.Text("AuthorizationType") ?? (existing ?? throw NoConnection(name)).AuthorizationType;
            var changed = (existing ?? throw NoConnection(name)) with
            {
                Description = call.Text("Description") ?? existing.Description,
                KmsKeyIdentifier = call.Text("KmsKeyIdentifier") ?? existing.KmsKeyIdentifier,
                AuthorizationType = type,
                LastModifiedTime = time.GetUtcNow(),
            };
            return call.Input.Member("AuthParameters") is null && type == existing.AuthorizationType
                ? changed
                : Ready(changed with { AuthParameters = Parameters(call, existing.AuthParameters, type) });
        });
        return Outcome(connection);
    }

    public async Task<JsonObject?> DeauthorizeAsync(JsonCall call)
    {
        var name = Name(call);
        return Outcome(await ChangeAsync(name, existing => (existing ?? throw NoConnection(name)) with
        {
            AuthParameters = null,
            State = Connection.Deauthorized,
            StateReason = null,
            LastModifiedTime = time.GetUtcNow(),
            Revision = existing.Revision + 1,
        }));
    }

    public async Task<JsonObject?> DeleteAsync(JsonCall call)
    {
        var name = Name(call);
        var gone = await registry.ChangeAsync(name, (Connection? existing) => existing is null ? throw NoConnection(name) : null);
        return Outcome(gone! with { State = "DELETING" });
    }

    public Task<JsonObject?> DescribeAsync(JsonCall call)
    {
        var name = Name(call);
        var connection = registry.Current.Connections.GetValueOrDefault(name) ?? throw NoConnection(name);
        var answer = Summary(connection);
        answer.Set("Description", connection.Description);
        answer.Set("KmsKeyIdentifier", connection.KmsKeyIdentifier);
        if (connection.AuthParameters is { } parameters)
        {
            answer["AuthParameters"] = ConnectionSecrets.Shown(parameters);
        }

        return Task.FromResult<JsonObject?>(answer);
    }

    public Task<JsonObject?> ListAsync(JsonCall call) => Task.FromResult<JsonObject?>(EventsPages.Answer(call, "Connections", registry.Current.Connections.Values
        .Where(connection => connection.Name.Account == call.Scope.Account && connection.Name.Region == call.Scope.Region
            && connection.Name.Name.StartsWith(call.Text("NamePrefix") ?? "", StringComparison.Ordinal)
            && (call.Text("ConnectionState") ?? connection.State) == connection.State)
        .Select(static connection => (connection.Name.Name, (JsonNode)Summary(connection)))));

    private static ScopedName Name(JsonCall call) => new(call.Scope.Account, call.Scope.Region, call.Required("Name"));

    private static AwsException NoConnection(in ScopedName name) => AwsException.NotFound($"Connection '{name.Name}' does not exist.");

    private static string Parameters(JsonCall call, string? before, string type)
    {
        if (call.Input.Member("InvocationConnectivityParameters") is not null || call.Input.Member("AuthParameters")?.Member("ConnectivityParameters") is not null)
        {
            throw AwsException.NotServed("A connection to a private network");
        }

        var merged = ConnectionSecrets.Merge(before, call.Input.Member("AuthParameters")?.GetRawText() ?? "{}", type);
        var group = ConnectionSecrets.GroupOf(type);
        var missing = Needed(type).FirstOrDefault(path => path.Split('.').Aggregate((JsonNode?)merged, static (node, name) => (node as JsonObject)?[name]) is null);
        if (missing is not null)
        {
            throw AwsException.Validation($"Parameter AuthParameters is not valid. Reason: the authorization type {type} needs {missing}.");
        }

        if (type == Connection.OAuth)
        {
            EndpointUrls.Check(call, "AuthorizationEndpoint", (string)merged[group]!["AuthorizationEndpoint"]!);
        }

        return merged.ToJsonString();
    }

    private static string[] Needed(string type) => type switch
    {
        Connection.ApiKey => ["ApiKeyAuthParameters.ApiKeyName", "ApiKeyAuthParameters.ApiKeyValue"],
        Connection.Basic => ["BasicAuthParameters.Username", "BasicAuthParameters.Password"],
        _ => ["OAuthParameters.ClientParameters.ClientID", "OAuthParameters.ClientParameters.ClientSecret", "OAuthParameters.AuthorizationEndpoint", "OAuthParameters.HttpMethod"],
    };

    private static JsonObject Summary(Connection connection)
    {
        var summary = Outcome(connection);
        summary["Name"] = connection.Name.Name;
        summary["AuthorizationType"] = connection.AuthorizationType;
        summary.Set("StateReason", connection.StateReason);
        return summary;
    }

    private static JsonObject Outcome(Connection connection, bool authorized = true)
    {
        var outcome = new JsonObject
        {
            ["ConnectionArn"] = connection.Arn,
            ["ConnectionState"] = connection.State,
            ["CreationTime"] = EventsNames.Seconds(connection.CreationTime),
            ["LastModifiedTime"] = EventsNames.Seconds(connection.LastModifiedTime),
        };
        if (authorized && connection.LastAuthorizedTime is { } last)
        {
            outcome["LastAuthorizedTime"] = EventsNames.Seconds(last);
        }

        return outcome;
    }

    // Keys and passwords are ready as they are; whether a token comes is found out.
    private Connection Ready(Connection connection) => connection.AuthorizationType == Connection.OAuth
        ? connection with { State = Connection.Authorizing, StateReason = null, Revision = connection.Revision + 1 }
        : connection with { State = Connection.Authorized, StateReason = null, LastAuthorizedTime = time.GetUtcNow(), Revision = connection.Revision + 1 };

    private async Task<Connection> ChangeAsync(ScopedName name, Func<Connection?, Connection> change)
    {
        var connection = (await registry.ChangeAsync(name, (Connection? existing) => change(existing)))!;
        if (connection.State == Connection.Authorizing)
        {
            _ = target.AuthorizeAsync(connection);
        }

        return connection;
    }
}
