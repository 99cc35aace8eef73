namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>One operation of a service.</summary>
/// <param name="Name">Its name in the service model.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path; a segment in braces holds the member of that name. It may end in a query that must be there.</param>
/// <param name="Status">The status of success.</param>
internal sealed record ModelOperation(string Name, string Method, string Path, int Status)
{
    /// <summary>The shape of the request.</summary>
    public string? Input { get; init; }

    /// <summary>The shape of the answer.</summary>
    public string? Output { get; init; }

    /// <summary>The shapes of the errors that it answers with.</summary>
    public string[] Errors { get; init; } = [];

    /// <summary>The path's segments, without its query.</summary>
    public string[] Segments { get; } = Path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The query that tells it from another operation of the same path.</summary>
    public (string Name, string Value)? Query { get; } = Path.Split('?', '=') is [_, var name, var value] ? (name, value) : null;

    /// <summary>The segment that a member of the path is.</summary>
    /// <returns>Its index, or -1.</returns>
    public int IndexOf(string member) => Array.IndexOf(Segments, $"{{{member}}}");
}
