using System.Text;
using Mayfly.Server.Events;
using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Resources.Logs;

/// <summary>A log group as the target of an event: a line in the log of that name, which <c>mayfly logs</c> shows.</summary>
/// <param name="logs">The logs.</param>
/// <param name="time">The clock.</param>
public sealed class LogGroupTarget(FunctionLogs logs, TimeProvider time) : IEventTarget
{
    private const string Prefix = "log-group:";

    /// <inheritdoc />
    public bool Serves(string arn) => Parse(arn) is not null;

    /// <inheritdoc />
    public ValueTask<TargetResult> DeliverAsync(QueuedEvent queued, CancellationToken stopping)
    {
        var (region, name) = Parse(queued.Target)!.Value;
        logs.Append(new LogLine(time.GetUtcNow(), name, region, queued.RequestId, Encoding.UTF8.GetString(queued.Payload.Span)));
        return ValueTask.FromResult(TargetResult.Delivered);
    }

    // arn:aws:logs:<region>:<account>:log-group:<name>, and :* behind it or not.
    private static (string Region, string Name)? Parse(string arn)
    {
        var parts = arn.Split(':', 6);
        if (parts is not ["arn", _, "logs", var region, _, var group] || !group.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var name = group[Prefix.Length..].Split(':')[0];
        return name.Length == 0 ? null : (region, name);
    }
}
