using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Services;

/// <summary>Makes a service of a folder without a manifest: exactly one handler in it is deployed as one function with a URL, named after the folder.</summary>
public static class FolderDiscovery
{
    private const int MostListed = 10;

    /// <summary>Names that mark one of several candidates of a file as the handler.</summary>
    private static readonly string[] Preferred = ["handler", "lambda_handler", "main"];

    /// <summary>Makes the service.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Stage and region.</param>
    /// <param name="found">The handlers in the folder, as <see cref="HandlerFinder"/> finds them.</param>
    /// <exception cref="ManifestException">There is no handler, or more than one.</exception>
    public static ServiceManifest Read(string folder, ManifestOptions options, IReadOnlyList<FoundHandler> found)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var only = Only(found) ?? throw Refuse(found);
        var name = NameOf(full);
        return new()
        {
            Name = name,
            Stage = options.Stage ?? "dev",
            Region = options.Region,
            Folder = full,
            Functions =
            [
                new()
                {
                    Key = name,
                    Name = name,
                    Config = new() { Runtime = only.Runtime, Handler = only.Handler, MemoryMb = 1024, TimeoutSeconds = 6 },
                    CodeFolder = full,
                    Url = new() { Id = "" },
                },
            ],
            Notices = [new(only.File, 0, $"no manifest here: {only.File} is deployed as one function with the handler {only.Handler}")],
            Files = [Path.Combine(full, only.File), .. ManifestReader.FileNames.Select(name => Path.Combine(full, name))],
        };
    }

    private static FoundHandler? Only(IReadOnlyList<FoundHandler> found)
    {
        if (found.Count == 1)
        {
            return found[0];
        }
        var preferred = found.Where(one => Preferred.Contains(one.Handler.Split('.', ':')[^1], StringComparer.OrdinalIgnoreCase)).ToList();
        return preferred.Count == 1 && found.All(one => one.File == found[0].File) ? preferred[0] : null;
    }

    private static ManifestException Refuse(IReadOnlyList<FoundHandler> found)
    {
        var why = found.Count == 0
            ? "no file in it looks like a handler"
            : $"there are {found.Count} handlers, and only one would do without a manifest ({string.Join(", ", found.Take(MostListed).Select(one => $"{one.Handler} in {one.File}"))}{(found.Count > MostListed ? ", …" : "")})";
        var (runtime, handler) = found.Count > 0 ? (found[0].Runtime, found[0].Handler) : ("<runtime>", "<file>.<function>");
        return new("serverless.yml", 1, $"""
            this folder has no manifest, and {why}. Write a serverless.yml such as:
              service: hello
              provider:
                name: aws
                runtime: {runtime}
              functions:
                hello:
                  handler: {handler}
                  url: true
            """.ReplaceLineEndings("\n"));
    }

    /// <summary>A folder's name as a service's: a letter first, then letters, digits and dashes.</summary>
    private static string NameOf(string folder)
    {
        var name = string.Concat(Path.GetFileName(folder).Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')).Trim('-');
        name = name.Length == 0 || !char.IsAsciiLetter(name[0]) ? $"service-{name}".TrimEnd('-') : name;
        return name.Length > 64 ? name[..64].TrimEnd('-') : name;
    }
}
