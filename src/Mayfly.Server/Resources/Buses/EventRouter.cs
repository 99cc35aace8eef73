using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.Buses;

/// <summary>Decides who gets an event: of the rules that it matches, every target.</summary>
/// <param name="buses">The rules.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where loops between buses are told.</param>
public sealed partial class EventRouter(BusRegistry buses, TimeProvider time, ILogger<EventRouter> log)
{
    /// <summary>How many buses an event may come to, one from the other.</summary>
    public const int MostHops = 16;

    private static readonly DeliveryPolicy Policy = DeliveryPolicy.OfEventBridge();

    /// <summary>Adds what an event on a bus makes.</summary>
    /// <param name="event">The event.</param>
    /// <param name="made">What is added to.</param>
    /// <param name="rules">Which rules of this bus may have it; <see langword="null"/>: all.</param>
    public void Route(BusEvent @event, RoutedEvents made, Predicate<RuleKey>? rules = null) => Route(@event, hops: 0, made, rules);

    /// <summary>What an event makes that is a rule's own.</summary>
    public RoutedEvents Route(EventRule rule, BusEvent @event)
    {
        var made = new RoutedEvents();
        Send(rule, @event, hops: 0, made);
        return made;
    }

    private void Route(BusEvent @event, int hops, RoutedEvents made, Predicate<RuleKey>? rules)
    {
        if (hops == MostHops)
        {
            Log.Loop(log, @event.Id, @event.Bus, MostHops);
            return;
        }

        var current = buses.Current;
        made.Kept.AddRange(current.Archives.Match(@event).Select(archive => (archive, @event)));
        foreach (var rule in current.RulesOf(@event.Bus).Patterns.Match(@event.Content))
        {
            if (rules?.Invoke(rule.Key) != false)
            {
                Send(rule, @event, hops, made);
            }
        }
    }

    private void Send(EventRule rule, BusEvent @event, int hops, RoutedEvents made)
    {
        var now = time.GetUtcNow();
        foreach (var target in rule.Targets.Values)
        {
            if (BusKey.TryParse(target.Arn, out var next))
            {
                if (buses.Current.Find(next) is { } other && !BusPolicy.Allows(other, rule.Key.Bus.Account, @event.Content.GetProperty("source").GetString()!, @event.Content.GetProperty("detail-type").GetString()!))
                {
                    Log.NotAllowed(log, @event.Id, rule.Key.Arn, next);
                    continue;
                }

                Route(@event with { Bus = next }, hops + 1, made, rules: null);
            }
            else
            {
                var id = EventIds.Of(@event.Id, rule.Key.Arn, target.Id);
                made.Queued.Add(new()
                {
                    Target = FunctionRef.TryParse(target.Arn, rule.Key.Bus.Account, rule.Key.Bus.Region, out var function) ? function.Arn : target.Arn,
                    RequestId = @event.Cause.Length == 0 ? id : EventIds.Of(@event.Cause, id),
                    TraceId = @event.TraceHeader ?? TraceHeader.New(time),
                    Accepted = now,
                    Policy = target.Policy ?? Policy,
                    Parameters = target.ParametersOf(@event.Content),
                    Payload = target.PayloadOf(@event.Content, rule.Key, now),
                });
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5100, LogLevel.Warning, "Event {Id} is not sent on by {Bus}: it has come from {Hops} buses, one to the other, and there may be a loop")]
        public static partial void Loop(ILogger logger, string id, BusKey bus, int hops);

        [LoggerMessage(5101, LogLevel.Warning, "Event {Id} is not sent on by {Rule}: the policy of {Bus} does not let its account")]
        public static partial void NotAllowed(ILogger logger, string id, string rule, BusKey bus);
    }
}
