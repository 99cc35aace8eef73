using System.Globalization;

namespace Mayfly.Server.Invocation;

/// <summary>The platform's own lines in a function's log, in the form that AWS Lambda documents and tools read.</summary>
public static class InvocationLog
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>Writes START.</summary>
    internal static void Start(Instance instance, string requestId) =>
        instance.Output.Begin($"START RequestId: {requestId} Version: {instance.Revision.Version}");

    /// <summary>Writes END and REPORT, with the error's own line before them.</summary>
    /// <returns>The tail of the log.</returns>
    internal static byte[] End(Instance instance, string requestId, TimeSpan duration, TimeSpan? init, InvocationError? error, TimeProvider time)
    {
        var output = instance.Output;
        if (error is { Kind: InvocationErrorKind.TimedOut })
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {requestId} Task timed out after {duration.TotalSeconds:0.00} seconds"));
        }
        else if (error is { Kind: InvocationErrorKind.Exited or InvocationErrorKind.ResponseTooLarge })
        {
            output.Write(error.Message);
        }

        output.Write($"END RequestId: {requestId}", Report(instance, requestId, duration, init, error));
        return output.Tail();
    }

    private static string Report(Instance instance, string requestId, TimeSpan duration, TimeSpan? init, InvocationError? error)
    {
        var memory = instance.Revision.Config.MemoryMb;
        var used = Math.Min(memory, (int)Math.Ceiling(instance.PeakMemoryBytes / Mebibyte));
        var billed = Math.Ceiling(duration.TotalMilliseconds + (init?.TotalMilliseconds ?? 0));
        var report = string.Create(CultureInfo.InvariantCulture, $"REPORT RequestId: {requestId}\tDuration: {duration.TotalMilliseconds:0.00} ms\tBilled Duration: {billed:0} ms\tMemory Size: {memory} MB\tMax Memory Used: {used} MB\t");
        if (init is { } took)
        {
            report += string.Create(CultureInfo.InvariantCulture, $"Init Duration: {took.TotalMilliseconds:0.00} ms\t");
        }

        return error switch
        {
            { Kind: InvocationErrorKind.TimedOut } => report + "Status: timeout",
            { Kind: InvocationErrorKind.Exited or InvocationErrorKind.ResponseTooLarge } => report + $"Status: error\tError Type: {error.Type}",
            _ => report,
        };
    }
}
