namespace Mayfly.Server.Functions;

/// <summary>One statement of a resource policy.</summary>
/// <param name="Id">Unique within the policy.</param>
/// <param name="Json">The statement as it is shown.</param>
public sealed record PolicyStatement(string Id, string Json);
