using System.Collections.Immutable;

namespace Mayfly.Server.Services.Variables;

/// <summary>One alternative of a variable: a literal, or a source such as <c>file(a.yml):key</c>.</summary>
/// <param name="Type">For example <c>self</c>; empty for a literal.</param>
/// <param name="Arguments">What stands in parentheses.</param>
/// <param name="Address">What stands behind the colon.</param>
/// <param name="Literal">A quoted text.</param>
/// <param name="Bare">An unquoted number, boolean or null.</param>
internal sealed record VariableSource(
    string Type,
    ImmutableArray<Template> Arguments,
    Template? Address = null,
    string? Literal = null,
    string? Bare = null);
