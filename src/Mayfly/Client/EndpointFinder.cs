using Mayfly.Supervision;

namespace Mayfly.Client;

/// <summary>Finds the running server: named by the user, or by <c>.mayfly/endpoint</c> of this folder or one above.</summary>
public static class EndpointFinder
{
    /// <summary>The variable that names it.</summary>
    public const string Variable = "MAYFLY_ENDPOINT";

    /// <summary>The base URL.</summary>
    /// <param name="named">What <c>--endpoint</c> says.</param>
    /// <param name="folder">Where to begin.</param>
    /// <exception cref="NoServerException">None is found.</exception>
    /// <exception cref="Commands.UsageException">What was named is no URL.</exception>
    public static Uri Find(string? named, string folder)
    {
        var text = named ?? Environment.GetEnvironmentVariable(Variable);
        if (text is { Length: > 0 })
        {
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? uri
                : throw new Commands.UsageException($"'{text}' is no base URL; write it like http://127.0.0.1:4566");
        }

        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            var file = new StateFolder(Path.Combine(at, StateFolder.FolderName)).Endpoint;
            try
            {
                return new Uri(File.ReadAllText(file).Trim());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or UriFormatException)
            {
                // Not here: look above.
            }
        }

        throw new NoServerException("no server is running here: start one with: mayfly up");
    }
}
