namespace Mayfly.Server.Functions.Images;

/// <summary>What an image says about its own start. A member that it does not set is <see langword="null"/>.</summary>
public sealed record ImageDefaults
{
    /// <summary>The words that the command line begins with.</summary>
    public string[]? EntryPoint { get; init; }

    /// <summary>The words after those.</summary>
    public string[]? Command { get; init; }

    /// <summary>Variables as <c>NAME=value</c>.</summary>
    public string[]? Environment { get; init; }

    /// <summary>The folder to start in.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The processor it is for, as images name it: <c>amd64</c>, <c>arm64</c>.</summary>
    public string? Architecture { get; init; }
}
