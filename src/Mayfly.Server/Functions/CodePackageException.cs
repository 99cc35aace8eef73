namespace Mayfly.Server.Functions;

/// <summary>A code package that is refused: broken, too large, or with entries that reach outside.</summary>
/// <param name="message">What is wrong, where, and what to do.</param>
public sealed class CodePackageException(string message) : Exception(message);
