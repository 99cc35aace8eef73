namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>Tells by method, path and query which operation a request asks for.</summary>
internal sealed class ModelRouter
{
    private readonly Dictionary<string, List<ModelOperation>> _byMethod = new(StringComparer.Ordinal);

    public ModelRouter(IEnumerable<ModelOperation> operations)
    {
        foreach (var operation in operations)
        {
            if (!_byMethod.TryGetValue(operation.Method, out var others))
            {
                _byMethod[operation.Method] = others = [];
            }

            // The more particular first.
            others.Insert(operation.Query is null ? others.Count : 0, operation);
        }
    }

    /// <summary>Finds the operation.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path's segments.</param>
    /// <param name="hasQuery">Whether the query holds a parameter.</param>
    public ModelOperation? Find(string method, ReadOnlySpan<string> path, Func<string, bool> hasQuery)
    {
        foreach (var operation in _byMethod.GetValueOrDefault(method) ?? [])
        {
            if (Fits(operation.Segments, path) && (operation.Query is not var (name, _) || hasQuery(name)))
            {
                return operation;
            }
        }

        return null;
    }

    private static bool Fits(string[] segments, ReadOnlySpan<string> path)
    {
        if (path.Length != segments.Length)
        {
            return false;
        }

        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i][0] != '{' && segments[i] != path[i])
            {
                return false;
            }
        }

        return true;
    }
}
