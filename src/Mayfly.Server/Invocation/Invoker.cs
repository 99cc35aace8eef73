using System.Globalization;
using Mayfly.Server.Functions;
using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Invocation;

/// <summary>
/// The one door to running a function, for every API and every trigger:
/// 1. resolve the function, 2. check the payload, 3. admit, 4. lease a slot, 5. hand over, 6. settle.
/// </summary>
/// <param name="table">What is deployed.</param>
/// <param name="limits">What may run at once.</param>
/// <param name="activator">Where slots come from.</param>
/// <param name="time">The clock.</param>
public sealed class Invoker(FunctionTable table, ConcurrencyLimits limits, RevisionActivator activator, TimeProvider time)
{
    /// <summary>How long a caller waits for an instance on a full node.</summary>
    private static readonly TimeSpan CapacityWait = TimeSpan.FromSeconds(60);

    /// <summary>How long a caller whose function was out of time waits for its last words.</summary>
    private static readonly TimeSpan KillWait = TimeSpan.FromMilliseconds(500);

    private volatile bool _stopping;

    /// <summary>Invocations that run now.</summary>
    public int Running => limits.Running;

    /// <summary>Runs a function. What a function or a caller does wrong comes back as a value.</summary>
    /// <param name="request">What to run, with what.</param>
    /// <param name="cancellationToken">The caller went away: nothing starts, but a function that has begun runs on.</param>
    public async ValueTask<InvocationResult> InvokeAsync(InvocationRequest request, CancellationToken cancellationToken)
    {
        // 1. Resolve.
        if (table.Resolve(request.Function) is not { } revision)
        {
            var arn = request.Function.Qualifier is { } qualifier ? $"{request.Function.Key.Arn}:{qualifier}" : request.Function.Key.Arn;
            return Refuse(request, new(InvocationErrorKind.FunctionNotFound, "ResourceNotFoundException", $"Function not found: {arn}"));
        }

        // 2. Check.
        if (request.Payload.Length > InvocationLimits.MaxPayload)
        {
            return Refuse(request, new(InvocationErrorKind.PayloadTooLarge, "RequestTooLargeException", "Request must be smaller than 6291456 bytes for the InvokeFunction operation"));
        }

        if (_stopping)
        {
            return Refuse(request, new(InvocationErrorKind.ShuttingDown, "ServiceException", "The server is stopping."));
        }

        if (request.Mode == InvocationMode.DryRun)
        {
            return new() { RequestId = request.RequestId, ExecutedVersion = revision.Version };
        }

        // 3. Admit.
        cancellationToken.ThrowIfCancellationRequested();
        if (limits.TryEnter(revision) is { } refused)
        {
            return Refuse(request, refused);
        }

        try
        {
            // 4. Lease.
            var lease = await activator.LeaseAsync(revision, InvocationLimits.Init + CapacityWait + TimeSpan.FromSeconds(revision.Config.TimeoutSeconds), cancellationToken);
            return lease.Slot is { } slot ? await RunAsync(request, revision, slot) : FailedStart(request, revision, lease);
        }
        finally
        {
            limits.Leave(revision);
        }
    }

    /// <summary>Refuses new invocations and lets the running ones finish.</summary>
    /// <param name="limit">How long they get.</param>
    public Task StopAsync(TimeSpan limit)
    {
        _stopping = true;
        return activator.StopAsync(() => limits.Running == 0, limit);
    }

    private async ValueTask<InvocationResult> RunAsync(InvocationRequest request, Revision revision, Slot slot)
    {
        var (instance, limit) = (slot.Instance, TimeSpan.FromSeconds(revision.Config.TimeoutSeconds));
        var invocation = new ActiveInvocation
        {
            RequestId = request.RequestId,
            FunctionArn = request.Function.Qualifier is { } qualifier ? $"{revision.Function.Arn}:{qualifier}" : revision.Function.Arn,
            TraceId = request.TraceId ?? NewTraceId(),
            DeadlineMs = (time.GetUtcNow() + limit).ToUnixTimeMilliseconds(),
            ClientContext = request.ClientContext,
            Payload = request.Payload,
            Http = request.Http,
            HttpTarget = request.HttpTarget,
        };

        // 5. Hand over.
        var init = instance.UnreportedInit;
        instance.UnreportedInit = null;
        InvocationLog.Start(instance, request.RequestId);
        var begun = time.GetTimestamp();
        var answer = await instance.ExchangeAsync(slot, invocation, limit);
        var duration = time.GetElapsedTime(begun);

        // 6. Settle.
        if (answer.Kind == AnswerKind.TimedOut)
        {
            duration = limit;
            await instance.StopAsync().AsTask().WaitAsync(KillWait, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await invocation.HttpFinished;
        var (error, payload) = await JudgeAsync(request, answer, instance, limit);
        var tail = InvocationLog.End(instance, request.RequestId, duration, init, error, time);
        instance.Settle(slot);
        return new()
        {
            RequestId = request.RequestId,
            Payload = payload,
            Error = error,
            ExecutedVersion = revision.Version,
            LogTail = tail,
            HttpAnswered = answer.Kind == AnswerKind.HttpAnswered || request.Http?.Response.HasStarted == true,
            Duration = duration,
            InitDuration = init,
        };
    }

    private static async ValueTask<(InvocationError? Error, ReadOnlyMemory<byte> Payload)> JudgeAsync(InvocationRequest request, Answer answer, Instance instance, TimeSpan limit)
    {
        switch (answer.Kind)
        {
            case AnswerKind.Response or AnswerKind.HttpAnswered:
                return (null, answer.Payload);
            case AnswerKind.Error:
                var (type, message) = ErrorPayload.Read(answer.Payload.Span);
                return (new(InvocationErrorKind.Unhandled, type, message), answer.Payload);
            case AnswerKind.TooLarge:
                return Worded(InvocationErrorKind.ResponseTooLarge, "Function.ResponseSizeTooLarge", $"Response payload size exceeded maximum allowed payload size ({InvocationLimits.MaxResponse} bytes).");
            case AnswerKind.TimedOut:
                return Worded(InvocationErrorKind.TimedOut, "Sandbox.Timedout", string.Create(CultureInfo.InvariantCulture, $"RequestId: {request.RequestId} Error: Task timed out after {limit.TotalSeconds:0.00} seconds"));
            default:
                return Worded(InvocationErrorKind.Exited, "Runtime.ExitError", $"RequestId: {request.RequestId} Error: {ExitText.Of(await instance.Exited)}");
        }
    }

    private static InvocationResult FailedStart(InvocationRequest request, Revision revision, LeaseOutcome lease)
    {
        var error = lease.Error!;
        if (error.Kind != InvocationErrorKind.InitFailed)
        {
            return Refuse(request, error);
        }

        error = lease.ErrorPayload.IsEmpty ? error with { Message = $"RequestId: {request.RequestId} {error.Message}" } : error;
        return new()
        {
            RequestId = request.RequestId,
            Error = error,
            Payload = lease.ErrorPayload.IsEmpty ? ErrorPayload.Write(error.Type, error.Message) : lease.ErrorPayload,
            ExecutedVersion = revision.Version,
            LogTail = lease.LogTail,
        };
    }

    private static (InvocationError? Error, ReadOnlyMemory<byte> Payload) Worded(InvocationErrorKind kind, string type, string message) =>
        (new(kind, type, message), ErrorPayload.Write(type, message));

    private static InvocationResult Refuse(InvocationRequest request, InvocationError error) => new() { RequestId = request.RequestId, Error = error };

    // The X-Ray header of a call that brought none: a root made of the time and random digits, not sampled.
    private string NewTraceId() =>
        string.Create(CultureInfo.InvariantCulture, $"Root=1-{time.GetUtcNow().ToUnixTimeSeconds():x8}-{Random.Shared.NextInt64(1L << 48):x12}{Random.Shared.NextInt64(1L << 48):x12};Parent={Random.Shared.NextInt64():x16};Sampled=0");
}
