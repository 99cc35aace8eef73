using System.Globalization;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>Makes the events of schedules: one id for each time, from which all else follows.</summary>
internal static class ScheduleEvents
{
    // A text, not an object: so the service sends it.
    private static readonly JsonElement UsualDetail = JsonDocument.Parse("\"{}\"").RootElement;

    /// <summary>What a time of a schedule makes.</summary>
    public static List<QueuedEvent> Make(Schedule schedule, Occurrence occurrence, TimeProvider time)
    {
        var id = EventIds.Of(schedule.Key.Arn, occurrence.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        var target = schedule.Target;
        var input = target.Input is null ? null : ScheduleInput.Fill(target.Input, schedule.Key, occurrence, id);
        var (account, region) = (schedule.Key.Group.Account, schedule.Key.Group.Region);
        var made = new QueuedEvent
        {
            Target = target.Arn,
            RequestId = id,
            TraceId = TraceHeader.New(time),
            Accepted = time.GetUtcNow(),
            Policy = DeliveryPolicy.OfEventBridge(target.MaximumRetryAttempts, target.MaximumEventAgeSeconds, target.DeadLetterArn),
            AttemptWord = ScheduleInput.AttemptWord(target.Input, id),
            Payload = Encoding.UTF8.GetBytes(input ?? "{}"),
        };
        switch (ScheduleOperation.KindOf(target.Arn))
        {
            case ScheduleTargetKind.Function:
                return [input is null ? made with { Payload = Usual(schedule.Key, occurrence, id) } : made];
            case ScheduleTargetKind.Bus:
                return [made with { Parameters = ScheduleOperation.Parameters(target.Source ?? "", target.DetailType ?? "", schedule.Key.Arn) }];
            case ScheduleTargetKind.Queue:
                return [made with { Payload = input is null ? Usual(schedule.Key, occurrence, id) : made.Payload, Parameters = TargetInput.QueueParametersOf(target.Document) }];
            case ScheduleTargetKind.Invoke when ScheduleOperation.ReadInvoke(input ?? "{}") is var (name, payload) && FunctionRef.TryParse(name, account, region, out var function):
                return [made with { Target = function.Arn, Payload = payload }];
            case ScheduleTargetKind.PutEvents:
                return [.. ScheduleOperation.ReadEntries(input ?? "{}", account, region).Select((entry, index) => made with
                {
                    Target = entry.Bus.Arn,
                    RequestId = EventIds.Of(id, index.ToString(CultureInfo.InvariantCulture)),
                    Parameters = entry.Parameters,
                    Payload = Encoding.UTF8.GetBytes(entry.Detail),
                })];
            default:
                return [];
        }
    }

    private static byte[] Usual(in ScheduleKey key, Occurrence occurrence, string id)
    {
        var bus = new BusKey(key.Group.Account, key.Group.Region, BusKey.Default);
        return Encoding.UTF8.GetBytes(BusEvent.Make(bus, id, "aws.scheduler", "Scheduled Event", occurrence.At, [key.Arn], UsualDetail).Content.GetRawText());
    }
}
