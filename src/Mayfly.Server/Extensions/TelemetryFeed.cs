using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Extensions;

/// <summary>
/// What happens in one instance, for its subscribers. They come while it initialises and get what was before them too;
/// after that the feed of an instance without subscribers costs one read of a flag.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="linesAreJson">Whether the function logs JSON.</param>
public sealed class TelemetryFeed(TimeProvider time, bool linesAreJson) : IDisposable
{
    private const int MostEarly = 1000;

    private readonly Lock _gate = new();
    private List<TelemetryRecord>? _early = [];
    private TelemetrySubscriber[] _subscribers = [];
    private volatile bool _isWanted = true;

    /// <summary>Whether anybody listens, or may still come.</summary>
    public bool IsWanted => _isWanted;

    /// <summary>A line was printed.</summary>
    internal void OnLine(TelemetryKinds kind, DateTimeOffset when, string text)
    {
        if (_isWanted)
        {
            Append(TelemetryRecord.Line(kind, when, text, linesAreJson && kind == TelemetryKinds.Function));
        }
    }

    /// <summary>The platform has something to say.</summary>
    internal void OnRecord(PlatformRecord record)
    {
        if (_isWanted)
        {
            foreach (var each in TelemetryRecord.Of(record))
            {
                Append(each);
            }
        }
    }

    /// <summary>The sandbox stands still: nothing is sent to it.</summary>
    internal void Pause() => Each(static subscriber => subscriber.Pause());

    /// <summary>The sandbox runs on.</summary>
    internal void Resume() => Each(static subscriber => subscriber.Resume());

    private void Append(TelemetryRecord record)
    {
        lock (_gate)
        {
            if (_early is { Count: < MostEarly })
            {
                _early.Add(record);
            }

            foreach (var subscriber in _subscribers)
            {
                subscriber.Add(record);
            }
        }
    }

    /// <summary>Takes a subscriber in; one that came before through the same API is replaced.</summary>
    /// <returns>Why it may not, or <see langword="null"/>.</returns>
    internal ExtensionRefusal? Subscribe(Extension extension, TelemetrySettings settings, SandboxPort port)
    {
        var logs = settings.Dialect == TelemetryDialect.Logs;
        lock (_gate)
        {
            if (_early is null)
            {
                return logs ? new("Logs.SubscriptionClosed", "Logs API subscription is closed already") : new("Telemetry.SubscriptionClosed", "Telemetry API subscription is closed already");
            }

            if (_subscribers.FirstOrDefault(s => s.Extension == extension) is { } before)
            {
                if (before.Settings.Dialect != settings.Dialect)
                {
                    return new(logs ? "Logs.ValidationError" : "ValidationError", $"{extension.Name} has subscribed through the {(logs ? "Telemetry" : "Logs")} API already");
                }

                _subscribers = [.. _subscribers.Where(s => s != before)];
                before.Dispose();
            }

            ITelemetryDestination destination = settings.HttpPath is { } path ? new HttpDestination(port, path, settings.Put) : new TcpDestination(port);
            var subscriber = new TelemetrySubscriber(extension, settings, destination, time);
            foreach (var record in _early)
            {
                subscriber.Add(record);
            }

            _subscribers = [.. _subscribers, subscriber];
        }

        return null;
    }

    /// <summary>The instance has initialised: nobody subscribes any more.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _early = null;
            _isWanted = _subscribers.Length > 0;
        }
    }

    /// <summary>Delivers what is there now.</summary>
    internal Task FlushAsync(TimeSpan limit)
    {
        TelemetrySubscriber[] subscribers;
        lock (_gate)
        {
            subscribers = _subscribers;
        }

        return Task.WhenAll(subscribers.Select(subscriber => subscriber.FlushAsync(limit)));
    }

    private void Each(Action<TelemetrySubscriber> act)
    {
        if (_isWanted)
        {
            lock (_gate)
            {
                Array.ForEach(_subscribers, act);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            _isWanted = false;
            _early = null;
            foreach (var subscriber in _subscribers)
            {
                subscriber.Dispose();
            }

            _subscribers = [];
        }
    }
}
