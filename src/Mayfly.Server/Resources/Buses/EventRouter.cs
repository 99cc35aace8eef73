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

    /// <summary>What an event on a bus makes.</summary>
    public List<QueuedEvent> Route(BusEvent @event)
    {
        var made = new List<QueuedEvent>();
        Route(@event, hops: 0, made);
        return made;
    }

    /// <summary>What an event makes that is a rule's own.</summary>
    public List<QueuedEvent> Route(EventRule rule, BusEvent @event)
    {
        var made = new List<QueuedEvent>();
        Send(rule, @event, hops: 0, made);
        return made;
    }

    private void Route(BusEvent @event, int hops, List<QueuedEvent> made)
    {
        if (hops == MostHops)
        {
            Log.Loop(log, @event.Id, @event.Bus, MostHops);
            return;
        }

        foreach (var rule in buses.Current.RulesOf(@event.Bus).Patterns.Match(@event.Content))
        {
            Send(rule, @event, hops, made);
        }
    }

    private void Send(EventRule rule, BusEvent @event, int hops, List<QueuedEvent> made)
    {
        var now = time.GetUtcNow();
        foreach (var target in rule.Targets.Values)
        {
            if (BusKey.TryParse(target.Arn, out var next))
            {
                Route(@event with { Bus = next }, hops + 1, made);
            }
            else if (FunctionRef.TryParse(target.Arn, rule.Key.Bus.Account, rule.Key.Bus.Region, out var function))
            {
                made.Add(new()
                {
                    Function = function,
                    RequestId = EventIds.Of(@event.Id, rule.Key.Arn, target.Id),
                    TraceId = @event.TraceHeader ?? TraceHeader.New(time),
                    Accepted = now,
                    Payload = target.PayloadOf(@event.Content, rule.Key, now),
                });
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5100, LogLevel.Warning, "Event {Id} is not sent on by {Bus}: it has come from {Hops} buses, one to the other, and there may be a loop")]
        public static partial void Loop(ILogger logger, string id, BusKey bus, int hops);
    }
}
