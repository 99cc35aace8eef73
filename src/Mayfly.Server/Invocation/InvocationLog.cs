using System.Globalization;
using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Invocation;

/// <summary>What the platform says about an invocation in its function's log, as AWS Lambda documents it and tools read it.</summary>
public static class InvocationLog
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>Writes START.</summary>
    internal static void Start(InstanceOutput output, ActiveInvocation invocation, string version, TimeProvider time) =>
        output.Begin(new PlatformStart(time.GetUtcNow(), invocation.RequestId, invocation.FunctionArn, version, invocation.TraceId), invocation.WantsLogTail);

    /// <summary>Writes START behind what a failed initialisation left: the tail has both.</summary>
    internal static void StartFailed(InstanceOutput output, ActiveInvocation invocation, string version, TimeProvider time) =>
        output.Write(new PlatformStart(time.GetUtcNow(), invocation.RequestId, invocation.FunctionArn, version, invocation.TraceId));

    /// <summary>Writes END and REPORT, with the error's own line before them.</summary>
    /// <returns>The tail of the log, when it is wanted.</returns>
    internal static byte[] End(Instance instance, ActiveInvocation invocation, TimeSpan duration, StartLedger? start, InvocationError? error, TimeProvider time, long producedBytes = 0)
    {
        var (output, id, now) = (instance.Output, invocation.RequestId, time.GetUtcNow());
        if (error is { Kind: InvocationErrorKind.TimedOut })
        {
            output.WriteText(string.Create(CultureInfo.InvariantCulture, $"{now:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {id} Task timed out after {duration.TotalSeconds:0.00} seconds"));
        }
        else if (error is { Kind: InvocationErrorKind.ResponseTooLarge })
        {
            output.WriteText(error.Message);
        }
        else if (error is { Kind: InvocationErrorKind.Exited } or { Kind: InvocationErrorKind.InitFailed, Type: "Runtime.ExitError" })
        {
            output.WriteText(error.Message);
            output.WriteText(error.Type);
        }

        var memory = instance.Revision.Config.MemoryMb;
        var (status, type) = StatusOf(error);
        output.Write(
            new PlatformRuntimeDone(now, id, status, type, duration) { ProducedBytes = producedBytes, TraceId = invocation.TraceId },
            new PlatformReport(now, id, status, type, duration)
            {
                InitDuration = start?.Took,
                Start = start,
                MemorySizeMb = memory,
                MaxMemoryUsedMb = Math.Min(memory, (int)Math.Ceiling(instance.PeakMemoryAfter(error is null ? duration : TimeSpan.MaxValue) / Mebibyte)),
                TraceId = invocation.TraceId,
                IsReportedByRuntime = error is { Kind: InvocationErrorKind.Unhandled },
            });
        return invocation.WantsLogTail ? output.Tail() : [];
    }

    private static (PlatformStatus Status, string? Type) StatusOf(InvocationError? error) => error switch
    {
        null => (PlatformStatus.Success, null),
        { Kind: InvocationErrorKind.TimedOut } => (PlatformStatus.Timeout, null),
        _ => (PlatformStatus.Error, ErrorTypes.Normalize(error.Type)),
    };
}
