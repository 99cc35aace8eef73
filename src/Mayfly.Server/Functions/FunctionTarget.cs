namespace Mayfly.Server.Functions;

/// <summary>What a reference means now.</summary>
/// <param name="Function">The function.</param>
/// <param name="Revision">Which of its revisions.</param>
public readonly record struct FunctionTarget(Function Function, Revision Revision);
