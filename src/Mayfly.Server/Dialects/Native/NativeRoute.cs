using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary>A method and path of the admin API.</summary>
/// <param name="Method">Upper case.</param>
/// <param name="Template">Below <c>/_mayfly/api</c>; <c>{}</c> stands for one segment, for example <c>/functions/{}/invocations</c>.</param>
/// <param name="HandleAsync">Answers; gets the segment, decoded, or an empty text.</param>
public sealed record NativeRoute(string Method, string Template, Func<HttpContext, string, Task> HandleAsync)
{
    private readonly string[] _segments = Template.Split('/');

    /// <summary>Whether a path is this route's.</summary>
    /// <param name="path">The segments of the raw path below <c>/_mayfly/api</c>.</param>
    /// <param name="value">What stands for <c>{}</c>.</param>
    public bool Fits(ReadOnlySpan<string> path, out string value)
    {
        value = "";
        if (path.Length != _segments.Length)
        {
            return false;
        }

        for (var i = 0; i < path.Length; i++)
        {
            if (_segments[i] == "{}" && path[i].Length > 0)
            {
                value = Uri.UnescapeDataString(path[i]);
            }
            else if (_segments[i] != path[i])
            {
                return false;
            }
        }

        return true;
    }
}
