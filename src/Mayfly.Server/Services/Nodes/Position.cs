namespace Mayfly.Server.Services.Nodes;

/// <summary>Where a value stands.</summary>
/// <param name="File">Relative to the service's folder.</param>
/// <param name="Line">One-based.</param>
internal readonly record struct Position(string File, int Line)
{
    /// <summary>A problem at this place.</summary>
    public ManifestException Error(string problem) => new(File, Line, problem);
}
