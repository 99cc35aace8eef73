using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>
/// Reads for one mapping, from when it is made until it is stopped: 1. wait until one more batch may run, 2. wait for messages, 3. call the
/// function, 4. tell the source. While there are no messages it stands in step 2 and costs nothing.
/// </summary>
internal sealed partial class MappingRunner
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan GrowthStep = TimeSpan.FromSeconds(1 / MappingConcurrency.Growth);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly EventSourceMapping _mapping;
    private readonly FunctionRef _function;
    private readonly IMessageSource _source;
    private readonly MappingServices _services;
    private readonly Task _loop;
    private MappingConcurrency _concurrency;
    private TaskCompletionSource _freed = new();
    private int _running;

    /// <summary>Begins.</summary>
    /// <param name="mapping">What it reads for.</param>
    /// <param name="open">Makes the source; gets what fires when the mapping is stopped.</param>
    /// <param name="services">What it runs on.</param>
    public MappingRunner(EventSourceMapping mapping, Func<CancellationToken, IMessageSource> open, MappingServices services)
    {
        (_mapping, _function, _source, _services) = (mapping, mapping.Function, open(_stop.Token), services);
        _concurrency = MappingConcurrency.Begin(_source.MostAtOnce ?? mapping.MaximumConcurrency, Seconds());
        _loop = Task.Run(LoopAsync, CancellationToken.None);
    }

    /// <summary>What came of the last batch, or why there is none.</summary>
    public string? LastResult { get; private set; }

    /// <summary>Batches whose invocations have begun and whose ends are not yet told.</summary>
    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _running;
            }
        }
    }

    /// <summary>Takes nothing more.</summary>
    public Task StopAsync()
    {
        _stop.Cancel();
        return _loop;
    }

    /// <summary>Waits until the ends of all batches have been told, and lets go of the source.</summary>
    public async Task DrainAsync()
    {
        while (true)
        {
            Task freed;
            lock (_gate)
            {
                if (_running == 0)
                {
                    break;
                }

                freed = _freed.Task;
            }

            await freed;
        }

        await _source.DisposeAsync();
    }

    private async Task LoopAsync()
    {
        var delay = FirstDelay;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                // 1. Wait until one more batch may run.
                await RoomAsync();
                if (_services.Table.Resolve(_function) is null)
                {
                    throw new SourceException($"PROBLEM: Function not found: {_mapping.FunctionArn}");
                }

                // 2. Wait for messages.
                var batches = await _source.TakeAsync(_stop.Token);
                delay = FirstDelay;
                if (batches.Count > 0)
                {
                    Enter();
                    _ = RunAsync(batches);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // It ends.
            }
            catch (Exception e)
            {
                Note(e);
                await Task.Delay(delay, _services.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
            }
        }
    }

    private async Task RunAsync(IReadOnlyList<SourceBatch> batches)
    {
        try
        {
            var whole = true;
            foreach (var batch in batches)
            {
                if (whole || !_source.IsOrdered)
                {
                    whole = await RunAsync(batch);
                }
                else
                {
                    await batch.SettleAsync(batch.Ids);
                }
            }
        }
        catch (Exception e)
        {
            // The source has not heard of the end: it brings the messages again.
            Note(e);
        }
        finally
        {
            Leave();
        }
    }

    /// <returns>Whether all of it succeeded.</returns>
    private async Task<bool> RunAsync(SourceBatch batch)
    {
        for (var delay = FirstDelay; ; delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay)
        {
            // 3. Call the function.
            if (batch.IsOver())
            {
                await batch.SettleAsync(batch.Ids);
                return false;
            }

            var result = await _services.Invoke(Request(batch), CancellationToken.None);

            // 4. Tell the source.
            switch (result.Error?.Kind)
            {
                case null:
                    var failed = _mapping.ReportsFailures ? BatchResult.Failed(result.Payload, batch.Ids) : new HashSet<string>();
                    await batch.SettleAsync(failed);
                    LastResult = "OK";
                    return failed.Count == 0;
                case InvocationErrorKind.ShuttingDown or InvocationErrorKind.SandboxFailed or InvocationErrorKind.Exited when _stop.IsCancellationRequested:
                    // That was the server's own stop.
                    await batch.ReturnAsync();
                    return false;
                case InvocationErrorKind.TooManyRequests or InvocationErrorKind.SandboxFailed or InvocationErrorKind.RuntimeMissing or InvocationErrorKind.ShuttingDown:
                    Fail($"PROBLEM: {result.Error.Message}");
                    await Task.Delay(delay, _services.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    if (_stop.IsCancellationRequested)
                    {
                        await batch.ReturnAsync();
                        return false;
                    }

                    break;
                default:
                    Fail("PROBLEM: Function call failed");
                    await batch.SettleAsync(batch.Ids);
                    return false;
            }
        }
    }

    private InvocationRequest Request(SourceBatch batch) => new()
    {
        Function = _function,
        Payload = batch.Payload,
        TraceId = batch.Messages.Select(static message => message.TraceId).OfType<string>().MaxBy(trace => Lineage.CountOf(trace, _function.Key)) is { } trace
            ? Lineage.With(trace, _function.Key)
            : null,
        Trigger = "pubsub",
    };

    /// <summary>Waits until one batch more may be under way than now.</summary>
    private async Task RoomAsync()
    {
        while (true)
        {
            Task freed;
            lock (_gate)
            {
                if (_running < _concurrency.Now)
                {
                    _concurrency = _concurrency.Free(Seconds());
                    return;
                }

                freed = _freed.Task;
            }

            // Unless one ends before, there is room for one more after a while.
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            await Task.WhenAny(freed, Task.Delay(GrowthStep, _services.Time, either.Token));
            await either.CancelAsync();
            _stop.Token.ThrowIfCancellationRequested();
            lock (_gate)
            {
                _concurrency = _concurrency.Busy(Seconds());
            }
        }
    }

    private void Enter()
    {
        lock (_gate)
        {
            _running++;
        }
    }

    private void Leave()
    {
        TaskCompletionSource freed;
        lock (_gate)
        {
            _running--;
            (freed, _freed) = (_freed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        freed.SetResult();
    }

    private void Fail(string result)
    {
        LastResult = result;
        lock (_gate)
        {
            _concurrency = _concurrency.Failed(Seconds());
        }
    }

    private void Note(Exception e)
    {
        var known = e is SourceException ? e.Message : $"PROBLEM: {e.Message}";
        if (LastResult != known)
        {
            LastResult = known;
            Log.Problem(_services.Log, _mapping.Arn, known, e is SourceException ? e.InnerException : e);
        }
    }

    private double Seconds() => _services.Time.GetTimestamp() / (double)_services.Time.TimestampFrequency;

    private static partial class Log
    {
        [LoggerMessage(5500, LogLevel.Warning, "Event source mapping {Arn}: {Problem}")]
        public static partial void Problem(ILogger logger, string arn, string problem, Exception? exception);
    }
}
