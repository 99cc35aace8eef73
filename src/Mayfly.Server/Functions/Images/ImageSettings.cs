namespace Mayfly.Server.Functions.Images;

/// <summary>The image that a function runs, and what it changes of the image's own settings.</summary>
public sealed record ImageSettings
{
    /// <summary>The name of the runtime that starts images; no caller may use it, and none sees it.</summary>
    public const string Runtime = "image";

    /// <summary>The reference as the caller wrote it.</summary>
    public required string Uri { get; init; }

    /// <summary>What the image says; kept here, a revision does not change when the name means another image later.</summary>
    public required ImageDefaults Defaults { get; init; }

    /// <summary>Instead of the image's; <see langword="null"/> means the image's.</summary>
    public string[]? EntryPoint { get; init; }

    /// <summary>Instead of the image's; <see langword="null"/> means the image's.</summary>
    public string[]? Command { get; init; }

    /// <summary>Instead of the image's; <see langword="null"/> means the image's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The whole command line.</summary>
    public string[] CommandLine() => [.. EntryPoint ?? Defaults.EntryPoint ?? [], .. Command ?? Defaults.Command ?? []];

    /// <summary>The image's variables. A line without a name is left out, as other engines do.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables() =>
        (Defaults.Environment ?? []).Select(static line => line.Split('=', 2)).Where(static parts => parts is [{ Length: > 0 }, _]).Select(static parts => KeyValuePair.Create(parts[0], parts[1]));

    /// <summary>The folder to start in.</summary>
    public string Folder() => WorkingDirectory ?? (string.IsNullOrEmpty(Defaults.WorkingDirectory) ? "/" : Defaults.WorkingDirectory);
}
