using System.Collections.Concurrent;
using System.Globalization;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Connections;

namespace Mayfly.Server.Resources.Topics;

/// <summary>
/// HTTP subscribers as targets of events: one request an attempt, within 15 s and the limit of requests a second. As Amazon SNS
/// documents it, 429 and 5xx are tried again; every other answer but 2xx ends the event.
/// </summary>
public sealed class SubscriptionTarget : IEventTarget, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, RequestPace> _paces = new(StringComparer.Ordinal);
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = Limit,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    private readonly TopicRegistry _topics;
    private readonly int _port;
    private readonly TimeProvider _time;

    /// <summary>Makes it.</summary>
    /// <param name="topics">Topics and subscriptions.</param>
    /// <param name="port">The server's own port.</param>
    /// <param name="time">The clock.</param>
    public SubscriptionTarget(TopicRegistry topics, int port, TimeProvider time) => (_topics, _port, _time) = (topics, port, time);

    /// <inheritdoc />
    public bool Serves(string arn) => TopicKey.TryParseSubscription(arn, out _);

    /// <inheritdoc />
    public async ValueTask<TargetResult> DeliverAsync(QueuedEvent queued, CancellationToken stopping)
    {
        // 1. Does it still want that, and may it be asked now?
        _ = TopicKey.TryParseSubscription(queued.Target, out var topic);
        if (queued.Parameters is not { } parameters)
        {
            return TargetResult.Rejected("InvalidParameter", "A subscription gets what is published to its topic, and nothing else.");
        }

        var notification = HttpNotification.Of(parameters);
        var listener = _topics.Current.Find(topic)?.Listeners.GetValueOrDefault(queued.Target);
        if (notification.Type == HttpNotification.Notification && listener is null)
        {
            return TargetResult.Rejected("NotFound", "Subscription does not exist");
        }

        if (listener is { Subscription.IsHttp: false })
        {
            return TargetResult.Rejected("InvalidParameterValue", "A message in a queue has at most 10 attributes, which a raw delivery has of the message's own.");
        }

        var contentType = listener?.Http.ContentType ?? new HttpDeliveryPolicy().ContentType;
        if (listener?.Http.MaxReceivesPerSecond is { } most
            && _paces.AddOrUpdate(queued.Target, _ => new(most), (_, known) => known.Limit == most ? known : new(most)).Take(queued.RequestId, _time.GetUtcNow()) is { } moment)
        {
            return TargetResult.Later(moment);
        }

        // 2. Ask.
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            using var request = notification.Make(topic, queued.Target, contentType, queued.Payload);
            if (OwnDoors.Refuses(request.RequestUri!, _port))
            {
                return TargetResult.Rejected("InvalidEndpoint", "The endpoint is this server's own admin API.");
            }

            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Read((int)response.StatusCode, response.ReasonPhrase);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return TargetResult.Failed("Timeout", "The endpoint did not answer within 15 seconds.");
        }
        catch (HttpRequestException e)
        {
            return TargetResult.Failed("ConnectionFailed", e.Message);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private static TargetResult Read(int status, string? reason)
    {
        var (code, message) = (status.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"The endpoint answered {status} {reason}."));
        return status switch
        {
            >= 200 and < 300 => TargetResult.Delivered,
            429 or >= 500 => TargetResult.Failed(code, message),
            _ => TargetResult.Rejected(code, message),
        };
    }
}
