using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Dialects.Aws.Scheduler;

/// <summary>Reads and shows schedules.</summary>
internal static class ScheduleReader
{
    // The service takes no start that lies further back.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    /// <summary>Reads the schedule that a request describes.</summary>
    public static Schedule Read(JsonCall call, in ScheduleKey key, DateTimeOffset now)
    {
        var window = call.Input.Member("FlexibleTimeWindow")!.Value;
        var (flexible, minutes) = (window.Text("Mode") == "FLEXIBLE", window.Member("MaximumWindowInMinutes")?.GetInt32());
        if (flexible != minutes is not null)
        {
            throw AwsException.Validation(flexible ? "MaximumWindowInMinutes must be set when FlexibleTimeWindow's Mode is FLEXIBLE." : "MaximumWindowInMinutes cannot be set when FlexibleTimeWindow's Mode is OFF.");
        }

        return new()
        {
            Key = key,
            Expression = call.Required("ScheduleExpression"),
            Zone = call.Text("ScheduleExpressionTimezone"),
            Start = Moment(call, "StartDate"),
            End = Moment(call, "EndDate"),
            WindowMinutes = minutes,
            IsEnabled = call.Text("State") != "DISABLED",
            DeletesItself = call.Text("ActionAfterCompletion") == "DELETE",
            Description = call.Text("Description"),
            KmsKeyArn = call.Text("KmsKeyArn"),
            Target = Target(call.Input.Member("Target")!.Value),
            ClientToken = call.Text("ClientToken"),
            ScheduledFrom = EventRule.ScheduleStart(now),
            CreationDate = now,
            LastModificationDate = now,
        };
    }

    /// <summary>Refuses times that cannot be.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="before">The one that it replaces: what it does not change may lie in the past.</param>
    /// <param name="now">The time.</param>
    public static void CheckTimes(Schedule schedule, Schedule? before, DateTimeOffset now)
    {
        if (schedule.Refusal() is { } refusal)
        {
            throw AwsException.Validation(refusal);
        }

        if (schedule.Start is { } start && start < now - Grace && start != before?.Start)
        {
            throw AwsException.Validation("The StartDate you specify cannot be earlier than 5 minutes ago.");
        }

        if (schedule.End is { } end && ((end <= now && end != before?.End) || end <= schedule.Start))
        {
            throw AwsException.Validation("The EndDate you specify must come after the StartDate and must be in the future.");
        }
    }

    /// <summary>A target as it is shown: with the policy that holds for it.</summary>
    public static JsonNode Shown(ScheduleTarget target)
    {
        var json = JsonNode.Parse(target.Document)!;
        json["RetryPolicy"] = new JsonObject { ["MaximumEventAgeInSeconds"] = target.MaximumEventAgeSeconds ?? DeliveryPolicy.MostAgeSeconds, ["MaximumRetryAttempts"] = target.MaximumRetryAttempts ?? DeliveryPolicy.MostRetries };
        return json;
    }

    private static ScheduleTarget Target(JsonElement json)
    {
        var (events, retries) = (json.Member("EventBridgeParameters"), json.Member("RetryPolicy"));
        var target = new ScheduleTarget
        {
            Arn = json.Text("Arn")!,
            RoleArn = json.Text("RoleArn"),
            Input = json.Text("Input"),
            Source = events?.Text("Source"),
            DetailType = events?.Text("DetailType"),
            MaximumRetryAttempts = retries?.Member("MaximumRetryAttempts")?.GetInt32(),
            MaximumEventAgeSeconds = retries?.Member("MaximumEventAgeInSeconds")?.GetInt32(),
            DeadLetterArn = json.Member("DeadLetterConfig")?.Text("Arn"),
            Document = json.GetRawText(),
        };
        return ScheduleOperation.Refusal(target) is { } refusal ? throw AwsException.Validation($"Invalid Target: {refusal}") : target;
    }

    private static DateTimeOffset? Moment(JsonCall call, string name)
    {
        if (call.Input.Member(name) is not { } given)
        {
            return null;
        }

        try
        {
            return given.ValueKind == JsonValueKind.Number
                ? DateTimeOffset.FromUnixTimeMilliseconds((long)(given.GetDouble() * 1000))
                : DateTimeOffset.Parse(given.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        }
        catch (Exception e) when (e is FormatException or ArgumentOutOfRangeException)
        {
            throw AwsException.Validation($"{name} is no time.");
        }
    }
}
