using System.Collections.Immutable;

namespace Mayfly.Server.Services.Variables;

/// <summary>A text with variables in it.</summary>
/// <param name="Parts">In order; an empty text has none.</param>
internal sealed record Template(ImmutableArray<TemplatePart> Parts)
{
    /// <summary>Whether there is nothing to resolve.</summary>
    public bool IsPlain => Parts.All(part => part.Variable is null);

    /// <summary>The text when it is plain.</summary>
    public string PlainText => string.Concat(Parts.Select(part => part.Text));
}
