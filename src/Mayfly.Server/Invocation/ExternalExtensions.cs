using System.Globalization;
using Mayfly.Server.Functions.Images;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Invocation;

/// <summary>The extensions that a function's layers bring as programs of their own, and how they are started beside its runtime.</summary>
public static class ExternalExtensions
{
    private const string Folder = "extensions";
    private static readonly Lazy<string> Init = new(() => ShimsArchive.ReadText("extensions/init.sh"));

    /// <summary>The names of the files in <c>extensions/</c> of a tree that becomes <c>/opt</c>, sorted.</summary>
    /// <param name="tree">The folder; <see langword="null"/> when there is none.</param>
    public static IReadOnlyList<string> In(string? tree) => tree is null ? [] : Names(new(Path.Combine(tree, Folder)));

    /// <summary>The same for an image, whose programs see it as their root.</summary>
    public static IReadOnlyList<string> In(ImageRoot image) => image.Resolve($"/opt/{Folder}") is { } folder ? Names(new(folder)) : [];

    /// <summary>The command line that starts the extensions first and the runtime when it is told to.</summary>
    public static IReadOnlyList<string> Before(IReadOnlyList<string> command, IReadOnlyList<string> names) =>
    [
        "/bin/sh", "-c", Init.Value, "init",
        names.Count.ToString(CultureInfo.InvariantCulture),
        .. names.Select(name => $"/opt/{Folder}/{name}"),
        .. command,
    ];

    private static IReadOnlyList<string> Names(DirectoryInfo folder) =>
        folder.Exists ? [.. folder.EnumerateFiles().Select(static file => file.Name).Order(StringComparer.Ordinal)] : [];
}
