using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>Which bus and which rule a request names.</summary>
internal static class EventsNames
{
    /// <summary>The bus that a member names: by name or ARN; without it the default one.</summary>
    public static BusKey Bus(JsonCall call, string member = "EventBusName") => Bus(call.Scope, call.Text(member));

    /// <summary>The bus that a text names: by name or ARN; without it the default one.</summary>
    public static BusKey Bus(in AwsScope scope, string? text) =>
        text is not null && BusKey.TryParse(text, out var key) ? key : new(scope.Account, scope.Region, text ?? BusKey.Default);

    /// <summary>The rule that a request names.</summary>
    public static RuleKey Rule(JsonCall call, string member) => new(Bus(call), call.Required(member));

    /// <summary>A moment as answers tell it.</summary>
    public static double Seconds(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>A moment as requests tell it: in seconds since 1970.</summary>
    public static DateTimeOffset Moment(JsonElement seconds)
    {
        var number = seconds.GetDouble();
        return number is > -62_135_596_800 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(number * 1000))
            : throw AwsException.Validation("A time is not valid. Reason: it must be between the years 1 and 9999.");
    }

    /// <summary>The refusal of a bus that is not there.</summary>
    public static AwsException NoBus(in BusKey key) => AwsException.NotFound($"Event bus {key.Name} does not exist.");

    /// <summary>The refusal of a rule that is not there.</summary>
    public static AwsException NoRule(in RuleKey key) => AwsException.NotFound($"Rule {key.Name} does not exist on EventBus {key.Bus.Name}.");
}
