namespace Mayfly.Server.Functions;

/// <summary>When the runtime may be replaced by a newer build. Kept and returned; a function runs on the interpreter that the machine has.</summary>
/// <param name="UpdateOn"><c>Auto</c>, <c>FunctionUpdate</c> or <c>Manual</c>.</param>
/// <param name="RuntimeVersionArn">The build to stay on, with <c>Manual</c>.</param>
public sealed record RuntimeManagement(string UpdateOn, string? RuntimeVersionArn);
