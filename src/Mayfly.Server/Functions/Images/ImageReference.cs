using System.Text.RegularExpressions;

namespace Mayfly.Server.Functions.Images;

/// <summary>By what a function names an image. The host of a registry plays no part: an image is here under its repository's name.</summary>
/// <param name="Name">The repository, for example <c>shop/orders</c>.</param>
/// <param name="Tag">The tag; <c>latest</c> when none is written.</param>
/// <param name="Digest">64 hexadecimal digits when a digest is written.</param>
public sealed partial record ImageReference(string Name, string Tag, string? Digest = null)
{
    private const string Latest = "latest";
    private const int MaxLength = 1024;

    /// <summary>Reads <c>name</c>, <c>name:tag</c> or <c>name@sha256:…</c>, each with a registry's host before it or without.</summary>
    /// <returns><see langword="null"/> when the text names no image.</returns>
    public static ImageReference? Parse(string text) =>
        text.Length <= MaxLength && Form().Match(text) is { Success: true } match
            ? new(match.Groups["name"].Value, match.Groups["tag"] is { Success: true } tag ? tag.Value : Latest, match.Groups["digest"] is { Success: true } digest ? digest.Value : null)
            : null;

    /// <summary>A reference as somebody wrote it, with the digest that it meant in place of tag or digest.</summary>
    public static string Resolve(string text, string sha256)
    {
        var end = text.IndexOf('@', StringComparison.Ordinal);
        var whole = end < 0 ? text : text[..end];
        var tag = whole.LastIndexOf(':');
        return $"{(tag > whole.LastIndexOf('/') ? whole[..tag] : whole)}@sha256:{sha256}";
    }

    /// <inheritdoc />
    public override string ToString() => $"{Name}:{Tag}";

    // A first part with a dot or a port, or localhost, is a host.
    [GeneratedRegex(@"^((localhost|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+|[A-Za-z0-9.-]+(?=:\d+/))(:\d+)?/)?(?<name>[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*)(:(?<tag>\w[\w.-]{0,127}))?(@sha256:(?<digest>[0-9a-f]{64}))?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}
