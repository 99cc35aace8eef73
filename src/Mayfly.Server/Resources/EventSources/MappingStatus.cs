namespace Mayfly.Server.Resources.EventSources;

/// <summary>A mapping and how it is with it.</summary>
/// <param name="Mapping">The mapping.</param>
/// <param name="State">One of <see cref="MappingState"/>.</param>
/// <param name="LastResult">What came of its last batch, or why there is none; <see langword="null"/> when nothing happened yet.</param>
public sealed record MappingStatus(EventSourceMapping Mapping, string State, string? LastResult);
