using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Mayfly.Server.Resources.Connections;

/// <summary>Fetches the tokens of connections with client credentials, and keeps each until shortly before it ends.</summary>
/// <param name="client">What makes requests.</param>
/// <param name="port">The server's own port.</param>
/// <param name="time">The clock.</param>
internal sealed class OAuthTokens(HttpClient client, int port, TimeProvider time)
{
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (int Revision, string Header, DateTimeOffset End)> _kept = new(StringComparer.Ordinal);

    /// <summary>The value of the header that authorizes.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="parameters">Its <c>OAuthParameters</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HttpRequestException">No token came; the message says why, and nothing that is secret.</exception>
    public async Task<string> GetAsync(Connection connection, JsonElement parameters, CancellationToken cancellationToken)
    {
        if (_kept.TryGetValue(connection.Arn, out var kept) && kept.Revision == connection.Revision && kept.End > time.GetUtcNow())
        {
            return kept.Header;
        }

        using var request = Make(parameters);
        if (OwnDoors.Refuses(request.RequestUri!, port))
        {
            throw new HttpRequestException("The authorization endpoint is this server's own admin API.");
        }

        using var response = await client.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"The authorization endpoint answered {(int)response.StatusCode}."));
        }

        try
        {
            using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            var token = answer.RootElement.GetProperty("access_token").GetString()!;
            var seconds = answer.RootElement.TryGetProperty("expires_in", out var end) && end.ValueKind == JsonValueKind.Number ? end.GetDouble() : 3600;
            var header = $"Bearer {token}";
            _kept[connection.Arn] = (connection.Revision, header, time.GetUtcNow() + TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 86_400)) - Early);
            return header;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new HttpRequestException("The authorization endpoint answered without an access_token.", e);
        }
    }

    /// <summary>A token was refused: the next request fetches another.</summary>
    public void Forget(Connection connection) => _kept.TryRemove(connection.Arn, out _);

    private static HttpRequestMessage Make(JsonElement parameters)
    {
        var more = new HttpValues(parameters.TryGetProperty("OAuthHttpParameters", out var http) ? http : default);
        var client = parameters.GetProperty("ClientParameters");
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = client.GetProperty("ClientID").GetString()!,
            ["client_secret"] = client.GetProperty("ClientSecret").GetString()!,
        };
        foreach (var (name, value) in more.Body)
        {
            fields[name] = value;
        }

        var method = parameters.GetProperty("HttpMethod").GetString()!;
        var url = HttpValues.With(ApiDestinationRequest.Url(parameters.GetProperty("AuthorizationEndpoint").GetString()!, []), method == "GET" ? more.Query.Concat(fields) : more.Query);
        var request = new HttpRequestMessage(new(method), url) { Content = method == "GET" ? null : new FormUrlEncodedContent(fields) };
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        foreach (var (name, value) in more.Headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
