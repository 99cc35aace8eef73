namespace Mayfly.Server.Dialects;

/// <summary>An entry in the list of doors.</summary>
/// <param name="Name">For messages, with where it is: <c>admin API at /_mayfly/api/</c>.</param>
/// <param name="Kind">Who may come.</param>
/// <param name="Handler">The door itself.</param>
public sealed record Door(string Name, DoorKind Kind, IDoor Handler);
