namespace Mayfly.Server.Events;

/// <summary>A lane's turn: it has leased an event, or must look first which is due.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Id">The leased event; 0: look.</param>
/// <param name="Seen">To tell whether something changed during the look.</param>
/// <param name="Leased">What a look leaves out.</param>
internal readonly record struct LaneTurn(DeliveryLane Lane, long Id, int Seen, IReadOnlySet<long> Leased);
