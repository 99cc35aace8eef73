using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Events;

/// <summary>What is written when an event ends: it goes, or is kept with a reason, and others may get an event of their own.</summary>
/// <param name="Event">The event; when it has a reason it is kept as dead, else it is removed.</param>
/// <param name="Forwards">The events for its destination and for its dead-letter target.</param>
public sealed record EventEnd(QueuedEvent Event, ImmutableArray<QueuedEvent> Forwards)
{
    /// <summary>Decides. Pure.</summary>
    /// <param name="queued">The event.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="functions">What is deployed: the function, as far as it still exists, and those that are told.</param>
    /// <param name="served">Whether a target that is no function can be reached: <see cref="IEventTarget.Serves"/>.</param>
    /// <param name="now">The time.</param>
    public static EventEnd Of(QueuedEvent queued, AttemptEnd end, FunctionSnapshot functions, Func<string, bool> served, DateTimeOffset now)
    {
        var reference = queued.Function;
        var function = reference is { } named ? functions.Functions.GetValueOrDefault(named.Key) : null;
        var failed = end.Condition != EventConditions.Success;
        var ended = queued with { Condition = end.Condition };
        var unserved = new List<string>();
        var forwards = ImmutableArray.CreateBuilder<QueuedEvent>();
        void Tell(string kind, string arn, Func<string, QueuedEvent> make)
        {
            if (TargetOf(arn, queued, functions, served) is not { } target)
            {
                unserved.Add($"Its {kind} {arn} cannot be reached from here.");
            }
            else if (IsLoop(ended.TraceId, target, functions))
            {
                // Else those that tell each other of their failures would do so for ever.
                unserved.Add($"Its {kind} {arn} is not told: the chain of events has come to it {Lineage.Most} times.");
            }
            else
            {
                forwards.Add(make(target));
            }
        }

        if (function is not null)
        {
            var settings = RetryPolicy.SettingsOf(queued, function);
            if ((failed ? settings?.OnFailure : settings?.OnSuccess) is { } destination)
            {
                Tell("destination", destination, target => Record(ended, target, end, now));
            }

            if (failed && function.Resolve(reference!.Value.Qualifier, 1)?.Config.DeadLetterArn is { } deadLetter)
            {
                Tell("dead-letter target", deadLetter, target => Letter(ended, target, DeadLetter.OfFunction(queued, end), now));
            }
        }

        // Where a function has taken an event over from a rule or a schedule, only the function's own settings count.
        if (failed && queued.Policy is { DeadLetterArn: { } policyLetter } policy && (function is null || end.Condition == EventConditions.Undeliverable || policy.BackOff == BackOffProfile.Knative))
        {
            Tell("dead-letter target", policyLetter, target => policy.BackOff is BackOffProfile.SnsManaged or BackOffProfile.SnsHttp

                // What names the group of a message names it in a queue of dead letters that keeps order too.
                ? Letter(ended, target, DeadLetter.OfSubscription(queued, end), now) with { Parameters = queued.Parameters }
                : Letter(ended, target, DeadLetter.OfTarget(queued, end), now));
        }

        // A failure that somebody was told of is done; every other one is kept for a person to see.
        var kept = unserved.Count > 0 || (failed && forwards.Count == 0);
        if (kept && failed)
        {
            unserved.Insert(0, end.Error ?? (reference is not null && function is null ? "The function was deleted." : queued.LastError is { } last ? $"{end.Condition}, after {last}" : end.Condition));
        }

        return new(kept ? ended with { Reason = string.Join(' ', unserved) } : ended, forwards.ToImmutable());
    }

    private static string? TargetOf(string arn, QueuedEvent queued, FunctionSnapshot functions, Func<string, bool> served)
    {
        var home = queued.Function?.Key;
        if (!FunctionRef.TryParse(arn, home?.Account ?? "", home?.Region ?? "", out var function))
        {
            return served(arn) ? arn : null;
        }

        return functions.Functions.TryGetValue(function.Key, out var found) && found.Resolve(function.Qualifier, 1) is not null ? function.Arn : null;
    }

    private static bool IsLoop(string traceId, string target, FunctionSnapshot functions) =>
        FunctionRef.TryParse(target, "", "", out var function)
            ? functions.Functions.GetValueOrDefault(function.Key) is { RecursiveLoop: not Function.AllowLoop } && Lineage.CountOf(traceId, function.Key) >= Lineage.Most
            : Lineage.CountOf(traceId, target) >= Lineage.Most;

    private static QueuedEvent Record(QueuedEvent ended, string target, AttemptEnd end, DateTimeOffset now)
    {
        var function = ended.Function!.Value;
        var parameters = new JsonObject
        {
            ["Source"] = "lambda",
            ["DetailType"] = $"Lambda Function Invocation Result - {(end.Condition == EventConditions.Success ? "Success" : "Failure")}",
            ["Resources"] = new JsonArray(target, $"{function.Key.Arn}:{function.Qualifier ?? Revision.Latest}"),
        };
        return Follow(ended, target, now) with
        {
            Payload = DestinationRecord.Write(ended.Numbered(), function, end.Answer, now),
            Parameters = FunctionRef.TryParse(target, "", "", out _) ? null : parameters.ToJsonString(),
        };
    }

    private static QueuedEvent Letter(QueuedEvent ended, string target, ImmutableSortedDictionary<string, string> attributes, DateTimeOffset now) =>
        Follow(ended, target, now) with { Payload = ended.Numbered().Payload, Attributes = attributes };

    private static QueuedEvent Follow(QueuedEvent ended, string target, DateTimeOffset now) => new()
    {
        Target = target,
        RequestId = Guid.NewGuid().ToString(),
        TraceId = Lineage.With(ended.TraceId, ended.Lane),
        Accepted = now,
    };
}
