namespace Mayfly.Server.Services;

/// <summary>A manifest that cannot be used. The message names file, line and key, and says what to write instead.</summary>
/// <param name="file">The manifest file, relative to the service's folder.</param>
/// <param name="line">One-based.</param>
/// <param name="problem">What is wrong and what to do.</param>
public sealed class ManifestException(string file, int line, string problem) : Exception($"{file}:{line}: {problem}")
{
    /// <summary>The file.</summary>
    public string File { get; } = file;

    /// <summary>The line, one-based.</summary>
    public int Line { get; } = line;
}
