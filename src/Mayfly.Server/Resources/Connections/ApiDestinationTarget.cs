using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Events;

namespace Mayfly.Server.Resources.Connections;

/// <summary>
/// API destinations as targets of events: one request an attempt, within 5 s and the limit of requests a second. As EventBridge documents it,
/// 401, 407, 409, 429 and 5xx are tried again, not before the answer's <c>Retry-After</c>; every other answer but 2xx ends the event.
/// </summary>
public sealed class ApiDestinationTarget : IEventTarget, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, RequestPace> _paces = new(StringComparer.Ordinal);
    private readonly HttpClient _client;
    private readonly ConnectionRegistry _registry;
    private readonly OAuthTokens _tokens;
    private readonly TimeProvider _time;
    private readonly int _port;

    /// <summary>Makes it.</summary>
    /// <param name="registry">Connections and API destinations.</param>
    /// <param name="port">The server's own port.</param>
    /// <param name="time">The clock.</param>
    public ApiDestinationTarget(ConnectionRegistry registry, int port, TimeProvider time)
    {
        _client = new(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = Limit,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 1024 * 1024 };
        (_registry, _port, _time, _tokens) = (registry, port, time, new(_client, port, time));
    }

    /// <inheritdoc />
    public bool Serves(string arn) => ScopedName.TryParse(arn, ApiDestination.Kind, out _);

    /// <inheritdoc />
    public async ValueTask<TargetResult> DeliverAsync(QueuedEvent queued, CancellationToken stopping)
    {
        // 1. What is asked, and may it be asked now?
        var current = _registry.Current;
        if (current.FindDestination(queued.Target) is not { } destination)
        {
            return TargetResult.Rejected("ResourceNotFoundException", $"{queued.Target} does not exist.");
        }

        if (current.FindConnection(destination.ConnectionArn) is not { AuthParameters: { } parameters } connection)
        {
            return TargetResult.Rejected("InvalidStateException", $"The connection {destination.ConnectionArn} is not authorized.");
        }

        var pace = _paces.AddOrUpdate(destination.Arn, _ => new(destination.RateLimit), (_, known) => known.Limit == destination.RateLimit ? known : new(destination.RateLimit));
        if (pace.Take(queued.RequestId, _time.GetUtcNow()) is { } moment)
        {
            return TargetResult.Later(moment);
        }

        // 2. Ask.
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            using var document = JsonDocument.Parse(parameters);
            var authorization = await AuthorizeAsync(connection, document.RootElement, either.Token);
            var values = document.RootElement.TryGetProperty("InvocationHttpParameters", out var http) ? new HttpValues(http) : HttpValues.None;
            using var request = ApiDestinationRequest.Make(destination, authorization, values, queued.Parameters, queued.Payload);
            if (OwnDoors.Refuses(request.RequestUri!, _port))
            {
                return TargetResult.Rejected("InvalidEndpoint", "The endpoint is this server's own admin API.");
            }

            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Read(response, connection);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return TargetResult.Failed("SDK_CLIENT_ERROR", "The endpoint did not answer within 5 seconds.");
        }
        catch (HttpRequestException e)
        {
            return TargetResult.Failed("SDK_CLIENT_ERROR", e.Message);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return TargetResult.Rejected("INVALID_PARAMETER", e.Message);
        }
    }

    /// <summary>Fetches the first token of a connection, so that it shows whether that works.</summary>
    public async Task AuthorizeAsync(Connection connection)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        string? reason = null;
        try
        {
            using var document = JsonDocument.Parse(connection.AuthParameters!);
            await _tokens.GetAsync(connection, document.RootElement.GetProperty("OAuthParameters"), limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or FormatException)
        {
            reason = e is OperationCanceledException ? "The authorization endpoint did not answer within 5 seconds." : e.Message;
        }

        await _registry.ChangeAsync(connection.Name, (Connection? current) => current is null || current.Arn != connection.Arn || current.Revision != connection.Revision
            ? current
            : current with
            {
                State = reason is null ? Connection.Authorized : Connection.Deauthorized,
                StateReason = reason,
                LastAuthorizedTime = reason is null ? _time.GetUtcNow() : current.LastAuthorizedTime,
            });
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private async Task<KeyValuePair<string, string>> AuthorizeAsync(Connection connection, JsonElement parameters, CancellationToken cancellationToken)
    {
        var group = parameters.GetProperty(ConnectionSecrets.GroupOf(connection.AuthorizationType));
        string Text(string name) => group.GetProperty(name).GetString()!;
        return connection.AuthorizationType switch
        {
            Connection.ApiKey => new(Text("ApiKeyName"), Text("ApiKeyValue")),
            Connection.Basic => new("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Text("Username")}:{Text("Password")}"))),
            _ => new("Authorization", await _tokens.GetAsync(connection, group, cancellationToken)),
        };
    }

    private TargetResult Read(HttpResponseMessage response, Connection connection)
    {
        var status = (int)response.StatusCode;
        if (status is >= 200 and < 300)
        {
            return TargetResult.Delivered;
        }

        if (status is 401 or 407)
        {
            _tokens.Forget(connection);
        }

        var (code, message) = (status.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"The endpoint answered {status} {response.ReasonPhrase}."));
        if (status is not (401 or 407 or 409 or 429 or >= 500))
        {
            return TargetResult.Rejected(code, message);
        }

        // A negative Retry-After asks not to be tried again.
        var header = response.Headers.TryGetValues("Retry-After", out var values) ? values.First() : "";
        if (double.TryParse(header, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds < 0 ? TargetResult.Rejected(code, message) : TargetResult.Failed(code, message, _time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(seconds, 86_400)));
        }

        return TargetResult.Failed(code, message, response.Headers.RetryAfter?.Date);
    }
}
