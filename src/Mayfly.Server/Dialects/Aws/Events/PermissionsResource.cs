using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>Who else may use a bus: statements of its policy.</summary>
internal sealed class PermissionsResource(BusesResource buses)
{
    private const string Action = "events:PutEvents";

    public async Task<JsonObject?> PutAsync(JsonCall call)
    {
        var key = EventsNames.Bus(call);
        await buses.ChangeAsync(call, key, bus => (bus ?? throw EventsNames.NoBus(key)) with { Policy = Checked(call.Text("Policy") ?? BusPolicy.With(bus.Policy, Statement(call, key))) });
        return null;
    }

    public async Task<JsonObject?> RemoveAsync(JsonCall call)
    {
        var key = EventsNames.Bus(call);
        var all = call.Input.Member("RemoveAllPermissions")?.GetBoolean() == true;
        if (!all && call.Text("StatementId") is null)
        {
            throw AwsException.Validation("Parameter StatementId is required when RemoveAllPermissions is not set.");
        }

        await buses.ChangeAsync(call, key, bus =>
        {
            var policy = (bus ?? throw EventsNames.NoBus(key)).Policy;
            if (all)
            {
                return bus with { Policy = null };
            }

            return BusPolicy.TryRemove(policy ?? throw AwsException.NotFound("EventBus does not have a policy."), call.Required("StatementId"), out var rest)
                ? bus with { Policy = rest }
                : throw AwsException.NotFound("Statement with the provided id does not exist.");
        });
        return null;
    }

    private static JsonObject Statement(JsonCall call, in BusKey bus)
    {
        foreach (var name in new[] { "Action", "Principal", "StatementId" })
        {
            if (call.Text(name) is null)
            {
                throw AwsException.Validation($"Parameter {name} is required when Policy is not specified.");
            }
        }

        if (call.Text("Action") != Action)
        {
            throw AwsException.Validation("Provided value in parameter 'action' is not supported.");
        }

        var principal = call.Required("Principal");
        var statement = new JsonObject
        {
            ["Sid"] = call.Required("StatementId"),
            ["Effect"] = "Allow",
            ["Principal"] = principal == "*" ? principal : new JsonObject { ["AWS"] = $"arn:aws:iam::{principal}:root" },
            ["Action"] = Action,
            ["Resource"] = bus.Arn,
        };
        if (call.Input.Member("Condition") is { } condition)
        {
            if ((condition.Text("Type"), condition.Text("Key")) != ("StringEquals", "aws:PrincipalOrgID"))
            {
                throw AwsException.Validation("Provided value in parameter 'condition' is not supported.");
            }

            statement["Condition"] = new JsonObject { [condition.Text("Type")!] = new JsonObject { [condition.Text("Key")!] = condition.Text("Value") } };
        }

        return statement;
    }

    private static string Checked(string policy)
    {
        if (!BusPolicy.IsPolicy(policy))
        {
            throw AwsException.Validation("Parameter Policy is not valid. Reason: it is not a policy document.");
        }

        return BusPolicy.IsTooLong(policy) ? throw new AwsException("PolicyLengthExceededException", "The event bus policy is too long. The limit is 10 KB.") : policy;
    }
}
