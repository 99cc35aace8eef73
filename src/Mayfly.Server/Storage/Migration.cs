namespace Mayfly.Server.Storage;

/// <summary>One step forward of the store's schema. Never edited once released: a change is a new step.</summary>
/// <param name="Number">The schema number that the store has after it: 1, 2, 3 …</param>
/// <param name="Name">What it brings, for the log.</param>
/// <param name="Sql">The statements.</param>
public sealed record Migration(int Number, string Name, string Sql);
