using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Extensions;

/// <summary>
/// One subscriber's buffer and deliveries: a batch goes out when it is full or old enough, one at a time, each tried a
/// few times where nobody listens yet. What comes while a full batch waits behind a delivery is dropped and counted, so
/// that nobody waits for a subscriber that does not read.
/// </summary>
internal sealed class TelemetrySubscriber : IDisposable
{
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)];

    private readonly Lock _gate = new();
    private readonly ITelemetryDestination _destination;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _ended = new();
    private List<byte[]> _batch = [];
    private Task _sending = Task.CompletedTask;
    private int _bytes;
    private int _droppedRecords;
    private long _droppedBytes;
    private bool _isSending;
    private bool _due;
    private bool _paused;

    internal TelemetrySubscriber(Extension extension, TelemetrySettings settings, ITelemetryDestination destination, TimeProvider time)
    {
        (Extension, Settings, _destination, _time) = (extension, settings, destination, time);
        _timer = time.CreateTimer(static subscriber => ((TelemetrySubscriber)subscriber!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal Extension Extension { get; }

    internal TelemetrySettings Settings { get; }

    /// <summary>Takes a record. Never waits.</summary>
    internal void Add(TelemetryRecord record)
    {
        if (!Settings.Kinds.HasFlag(record.Kind) || record.For(Settings.Dialect, Settings.SchemaVersion) is not { } bytes)
        {
            return;
        }

        lock (_gate)
        {
            if (_ended.IsCancellationRequested)
            {
                return;
            }

            if (_batch.Count > 0 && (_batch.Count >= Settings.MaxItems || _bytes + bytes.Length > Settings.MaxBytes))
            {
                if (_isSending || _paused)
                {
                    _droppedRecords++;
                    _droppedBytes += bytes.Length;
                    return;
                }

                Send();
            }

            Put(bytes);
        }
    }

    /// <summary>The sandbox stands still: nothing would be read.</summary>
    internal void Pause()
    {
        lock (_gate)
        {
            _paused = true;
        }
    }

    /// <summary>The sandbox runs on.</summary>
    internal void Resume()
    {
        bool due;
        lock (_gate)
        {
            (_paused, due) = (false, _due);
        }

        if (due)
        {
            OnDue();
        }
    }

    /// <summary>Sends what is there at once and waits for it.</summary>
    internal async Task FlushAsync(TimeSpan limit)
    {
        OnDue();
        Task sending;
        lock (_gate)
        {
            sending = _sending;
        }

        await sending.WaitAsync(limit, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended.Cancel();
        }

        _timer.Dispose();
        _destination.Dispose();
    }

    private void Put(byte[] bytes)
    {
        _batch.Add(bytes);
        _bytes += bytes.Length;
        if (_batch.Count == 1)
        {
            _timer.Change(TimeSpan.FromMilliseconds(Settings.TimeoutMs), Timeout.InfiniteTimeSpan);
        }
    }

    private void OnDue()
    {
        lock (_gate)
        {
            if (_isSending || _paused)
            {
                _due = true;
            }
            else if (_batch.Count > 0 && !_ended.IsCancellationRequested)
            {
                Send();
            }
        }
    }

    private void Send()
    {
        (var batch, _batch, _bytes, _isSending, _due) = (_batch, [], 0, true, false);
        _sending = SendAsync(batch);
    }

    private async Task SendAsync(List<byte[]> batch)
    {
        await Task.Yield();
        var delivered = await TryDeliverAsync(batch);
        lock (_gate)
        {
            _isSending = false;
            if (!delivered)
            {
                _droppedRecords += batch.Count;
                _droppedBytes += batch.Sum(record => (long)record.Length);
            }

            if (delivered && _droppedRecords > 0 && Dropped() is { } notice)
            {
                Put(notice);
                (_droppedRecords, _droppedBytes) = (0, 0);
            }

            if (!_paused && (_due || _batch.Count >= Settings.MaxItems || _bytes >= Settings.MaxBytes) && _batch.Count > 0 && !_ended.IsCancellationRequested)
            {
                Send();
            }
        }
    }

    private async Task<bool> TryDeliverAsync(List<byte[]> batch)
    {
        try
        {
            for (var attempt = 0; !_ended.IsCancellationRequested; attempt++)
            {
                if (await _destination.SendAsync(batch, _ended.Token))
                {
                    return true;
                }

                if (attempt == Pauses.Length)
                {
                    return false;
                }

                await Task.Delay(Pauses[attempt], _time, _ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The instance ended.
        }

        return false;
    }

    private byte[]? Dropped() => Settings.Kinds.HasFlag(TelemetryKinds.Platform)
        ? TelemetryRecord.Of(new PlatformLogsDropped(_time.GetUtcNow(), _droppedRecords, _droppedBytes)).First().For(Settings.Dialect, Settings.SchemaVersion)
        : null;
}
