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

    /// <summary>The refusal of a bus that is not there.</summary>
    public static AwsException NoBus(in BusKey key) => AwsException.NotFound($"Event bus {key.Name} does not exist.");

    /// <summary>The refusal of a rule that is not there.</summary>
    public static AwsException NoRule(in RuleKey key) => AwsException.NotFound($"Rule {key.Name} does not exist on EventBus {key.Bus.Name}.");
}
