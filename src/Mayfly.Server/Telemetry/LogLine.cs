namespace Mayfly.Server.Telemetry;

/// <summary>One line that a function printed, or that the platform printed about it (START, END, REPORT).</summary>
/// <param name="Time">When the server read it.</param>
/// <param name="Function">The function's name.</param>
/// <param name="Region">The function's region.</param>
/// <param name="Instance">The instance's id.</param>
/// <param name="Text">Without the line break.</param>
public sealed record LogLine(DateTimeOffset Time, string Function, string Region, string Instance, string Text);
