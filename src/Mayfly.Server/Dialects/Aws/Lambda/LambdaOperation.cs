namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>One operation of the Lambda API.</summary>
/// <param name="Name">Its name in the service model.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Template">The path; a segment in braces takes anything.</param>
/// <param name="Query">A query parameter that tells it from another operation of the same path; empty for none.</param>
internal sealed record LambdaOperation(string Name, string Method, string Template, string Query = "")
{
    private readonly string[] _segments = Template.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether path segments fit.</summary>
    public bool Fits(string[] path)
    {
        if (path.Length != _segments.Length)
        {
            return false;
        }

        for (var i = 0; i < path.Length; i++)
        {
            if (_segments[i][0] != '{' && _segments[i] != path[i])
            {
                return false;
            }
        }

        return true;
    }
}
