namespace Mayfly.Server.Runtimes;

/// <summary>A handler that was found in a folder without a manifest.</summary>
/// <param name="Runtime">The runtime name to deploy it with.</param>
/// <param name="Handler">The handler text.</param>
/// <param name="File">The file it is in, relative to the folder.</param>
public sealed record FoundHandler(string Runtime, string Handler, string File);
