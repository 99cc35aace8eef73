namespace Mayfly.Server.Resources.Schedules;

/// <summary>Something that has times, as lists show it.</summary>
/// <param name="Arn">Which.</param>
/// <param name="Name">Its name, a schedule's with its group before a slash.</param>
/// <param name="Expression">Its times.</param>
/// <param name="Zone">The zone whose wall clock is meant.</param>
/// <param name="Targets">The ARNs that get its events.</param>
/// <param name="Times">Its times; <see langword="null"/> while it is disabled.</param>
/// <param name="Service">The service that it belongs to.</param>
public sealed record FiringListing(string Arn, string Name, string Expression, string Zone, IReadOnlyList<string> Targets, Recurrence? Times, string? Service);
