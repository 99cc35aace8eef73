using System.Globalization;
using System.Runtime.CompilerServices;
using Mayfly.Server.Extensions;
using Mayfly.Server.Functions;
using Mayfly.Server.Scaling;
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

    private readonly BusyPoll _busyPoll = new(Environment.ProcessorCount, time);
    private volatile bool _stopping;

    /// <summary>Invocations that run now.</summary>
    public int Running => limits.Running;

    /// <summary>Runs a function. What a function or a caller does wrong comes back as a value.</summary>
    /// <param name="request">What to run, with what.</param>
    /// <param name="cancellationToken">The caller went away: nothing starts, but a function that has begun runs on.</param>
    public ValueTask<InvocationResult> InvokeAsync(InvocationRequest request, CancellationToken cancellationToken) =>
        request.Stream is { } stream ? InvokeToStreamAsync(request, stream, cancellationToken) : InvokeWholeAsync(request, cancellationToken);

    /// <summary>Refuses new invocations and lets the running ones finish.</summary>
    /// <param name="limit">How long they get.</param>
    public Task StopAsync(TimeSpan limit)
    {
        _stopping = true;
        return activator.StopAsync(() => limits.Running == 0, limit);
    }

    // Whatever the end, the reader learns of it.
    private async ValueTask<InvocationResult> InvokeToStreamAsync(InvocationRequest request, ResponseStream stream, CancellationToken cancellationToken)
    {
        try
        {
            return await InvokeWholeAsync(request, cancellationToken);
        }
        finally
        {
            stream.End();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<InvocationResult> InvokeWholeAsync(InvocationRequest request, CancellationToken cancellationToken)
    {
        // 1. Resolve.
        if (table.Resolve(request.Function) is not ({ } function, { } revision))
        {
            return Refuse(request, new(InvocationErrorKind.FunctionNotFound, "ResourceNotFoundException", $"Function not found: {request.Function.Arn}"));
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
        var admission = limits.TryEnter(function, table.Current.ReservedBeside(function.Key));
        if (admission.Refusal is { } refused)
        {
            return Refuse(request, refused);
        }

        try
        {
            // 4. Lease.
            var wanted = time.GetTimestamp();
            var lease = await activator.LeaseAsync(revision, InvocationLimits.Init + CapacityWait + TimeSpan.FromSeconds(revision.Config.TimeoutSeconds), cancellationToken);
            return lease.Slot is { } slot ? await RunAsync(request, revision, slot, wanted) : FailedStart(request, revision, lease);
        }
        finally
        {
            limits.Leave(function.Key, admission);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<InvocationResult> RunAsync(InvocationRequest request, Revision revision, Slot slot, long wanted)
    {
        var (instance, limit) = (slot.Instance, TimeSpan.FromSeconds(revision.Config.TimeoutSeconds));
        var spent = instance.SuppressedInit;
        var left = spent < limit ? limit - spent : TimeSpan.FromMilliseconds(1);
        var isPolled = instance.SlotCount == 1
            && _busyPoll.Pays(limits.Running, revision.Config.MemoryMb, time.GetElapsedTime(slot.ParkedAt), slot.Took);
        var invocation = Begin(request, instance, left, isPolled);

        // 5. Hand over.
        request.Stream?.ExecutedVersion = revision.Version;
        var start = instance.UnreportedInit is { } took ? Explain(instance, took, wanted) : null;
        instance.UnreportedInit = null;
        instance.SuppressedInit = TimeSpan.Zero;
        InvocationLog.Start(instance.Output, invocation, revision.Version, time);
        var begun = time.GetTimestamp();
        var answer = await instance.ExchangeAsync(slot, invocation, left);
        var duration = time.GetElapsedTime(begun) + spent;

        // 6. Settle.
        if (answer.Kind == AnswerKind.TimedOut)
        {
            duration = limit;
            _ = instance.StopAsync(ShutdownReason.Timeout).AsTask();
            await ((Task)instance.Extensions.RuntimeExit).WaitAsync(KillWait, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await invocation.HttpFinished;
        var (error, payload) = await JudgeAsync(invocation, answer, instance, limit);
        var tail = InvocationLog.End(instance, invocation, duration, start, error, time, payload.Length);
        instance.Settle(slot);
        return new()
        {
            RequestId = request.RequestId,
            Payload = payload,
            StreamedType = invocation.Stream?.ContentType,
            Error = error,
            ExecutedVersion = revision.Version,
            LogTail = tail,
            HttpAnswered = answer.Kind == AnswerKind.HttpAnswered || request.Http?.Response.HasStarted == true,
            Duration = duration,
            InitDuration = start?.Took,
            Start = start,
        };
    }

    private StartLedger Explain(Instance instance, TimeSpan took, long wanted)
    {
        var (steps, waited) = (instance.Steps, time.GetElapsedTime(wanted));
        var (slot, sandbox, code) = (TimeSpan.FromMicroseconds(steps.SlotMicroseconds), TimeSpan.FromMicroseconds(steps.SandboxMicroseconds), TimeSpan.FromMicroseconds(steps.CodeMicroseconds));
        var ledger = new StartLedger(steps.Origin.ToString())
        {
            Queue = waited > took ? waited - took : TimeSpan.Zero,
            Slot = slot,
            Sandbox = sandbox,
            Code = code,
            Init = took - slot - sandbox - code,
        };
        StartMetrics.Note(instance.Revision.Function.Name, ledger);
        return ledger;
    }

    private static async ValueTask<(InvocationError? Error, ReadOnlyMemory<byte> Payload)> JudgeAsync(ActiveInvocation invocation, Answer answer, Instance instance, TimeSpan limit)
    {
        switch (answer.Kind)
        {
            case AnswerKind.Response or AnswerKind.HttpAnswered:
                return (null, answer.Payload);
            case AnswerKind.Streamed when invocation.Stream is { IsOverLimit: false } stream:
                return (null, stream.Collected());
            case AnswerKind.Streamed:
                return TooLarge(invocation.Stream!.Limit);
            case AnswerKind.Error:
                var (type, message) = ErrorPayload.Read(answer.Payload.Span);
                return (new(InvocationErrorKind.Unhandled, answer.ErrorType ?? type, message), answer.Payload);
            case AnswerKind.TooLarge:
                return TooLarge(InvocationLimits.MaxResponse);
            case AnswerKind.TimedOut:
                return Worded(InvocationErrorKind.TimedOut, "Sandbox.Timedout", string.Create(CultureInfo.InvariantCulture, $"RequestId: {invocation.RequestId} Error: Task timed out after {limit.TotalSeconds:0.00} seconds"));
            default:
                if (instance.Extensions.Failure is { } failure)
                {
                    return Worded(InvocationErrorKind.Exited, failure.Type, $"RequestId: {invocation.RequestId} Error: {failure.Message}");
                }

                return Worded(InvocationErrorKind.Exited, "Runtime.ExitError", $"RequestId: {invocation.RequestId} Error: {ExitText.Of(await instance.Extensions.RuntimeExit)}");
        }
    }

    private ActiveInvocation Begin(InvocationRequest request, Instance instance, TimeSpan left, bool isPolled = false) => new()
    {
        RequestId = request.RequestId,
        FunctionArn = request.Function.Qualifier is { } qualifier ? $"{instance.FunctionArn}:{qualifier}" : instance.FunctionArn,
        TraceId = request.TraceId ?? TraceHeader.New(time),
        DeadlineMs = (time.GetUtcNow() + left).ToUnixTimeMilliseconds(),
        ClientContext = request.ClientContext,
        CognitoIdentity = request.CognitoIdentity,
        TenantId = request.TenantId,
        WantsLogTail = request.WantsLogTail,
        IsPolled = isPolled,
        Payload = request.Payload,
        Stream = request.Stream,
        Http = request.Http,
        HttpTarget = request.HttpTarget,
    };

    private InvocationResult FailedStart(InvocationRequest request, Revision revision, LeaseOutcome lease)
    {
        var error = lease.Error!;
        if (lease.Failed is not { } failed)
        {
            return error.Fault == Fault.Function ? Refuse(request, error, ErrorPayload.Write(error.Type, $"RequestId: {request.RequestId} {error.Message}")) : Refuse(request, error);
        }

        error = lease.ErrorPayload.IsEmpty ? error with { Message = $"RequestId: {request.RequestId} {error.Message}" } : error;
        var invocation = Begin(request, failed, TimeSpan.Zero);
        InvocationLog.StartFailed(failed.Output, invocation, revision.Version, time);
        return new()
        {
            RequestId = request.RequestId,
            Error = error,
            Payload = lease.ErrorPayload.IsEmpty ? ErrorPayload.Write(error.Type, error.Message) : lease.ErrorPayload,
            ExecutedVersion = revision.Version,
            LogTail = InvocationLog.End(failed, invocation, lease.Took, null, error, time),
            Duration = lease.Took,
        };
    }

    private static (InvocationError? Error, ReadOnlyMemory<byte> Payload) TooLarge(long limit) =>
        Worded(InvocationErrorKind.ResponseTooLarge, "Function.ResponseSizeTooLarge", $"Response payload size exceeded maximum allowed payload size ({limit} bytes).");

    private static (InvocationError? Error, ReadOnlyMemory<byte> Payload) Worded(InvocationErrorKind kind, string type, string message) =>
        (new(kind, type, message), ErrorPayload.Write(type, message));

    private static InvocationResult Refuse(InvocationRequest request, InvocationError error, ReadOnlyMemory<byte> payload = default) =>
        new() { RequestId = request.RequestId, Error = error, Payload = payload };
}
