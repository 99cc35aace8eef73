namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>One member of a structure.</summary>
/// <param name="Shape">The name of its shape.</param>
/// <param name="In">Where it travels: <c>uri</c>, <c>query</c>, <c>header</c> or <c>status</c>; <see langword="null"/> for the body.</param>
/// <param name="Wire">Its name there; <see langword="null"/> where that is the member's own.</param>
/// <param name="Required">Whether a request must have it.</param>
internal sealed record ModelMember(string Shape, string? In = null, string? Wire = null, bool Required = false);
