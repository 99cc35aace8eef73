using System.Collections.Immutable;

namespace Mayfly.Server.Services.Variables;

/// <summary>A piece of a template.</summary>
/// <param name="Text">Plain text, or the variable as it was written.</param>
/// <param name="Variable">The sources to ask one after the other; <see langword="null"/> for plain text.</param>
internal sealed record TemplatePart(string Text, ImmutableArray<VariableSource>? Variable = null);
