namespace Mayfly.Server.Telemetry;

/// <summary>An instance as its function's log knows it.</summary>
/// <param name="Function">The function's name.</param>
/// <param name="Region">The function's region.</param>
/// <param name="Instance">The instance's id.</param>
/// <param name="Backlog">What the function has waiting.</param>
internal sealed record LogSource(string Function, string Region, string Instance, FunctionLogsBacklog Backlog)
{
    /// <summary>A line from it.</summary>
    public LogLine Line(DateTimeOffset time, string text) => new(time, Function, Region, Instance, text);
}
