using System.ComponentModel;
using System.Text.RegularExpressions;

namespace Mayfly.Sandboxd.Launching;

/// <summary>
/// Tools of the machine for a sandbox whose root is an image, which need not have any: each comes with its loader and its
/// libraries, and finds nothing else. The folder they lie in cannot be listed.
/// </summary>
internal sealed partial class BorrowedTools
{
    /// <summary>Where they lie inside.</summary>
    internal const string Folder = "/.mayfly";

    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);
    private string _loader = "";

    private BorrowedTools()
    {
    }

    /// <summary>What bubblewrap is told.</summary>
    internal IReadOnlyList<string> Options =>
        ["--perms", "0711", "--tmpfs", Folder, .. _files.SelectMany(static file => (string[])["--ro-bind", file.Value, $"{Folder}/{file.Key}"]), "--remount-ro", Folder];

    /// <summary>The words that begin a tool's command line.</summary>
    internal IReadOnlyList<string> Command(string tool) => [$"{Folder}/{_loader}", "--inhibit-cache", "--library-path", Folder, $"{Folder}/{tool}"];

    /// <summary>Asks the machine's loader what each tool is made of.</summary>
    /// <param name="runner">What runs the tools.</param>
    /// <param name="names">Tools in <c>/usr/bin</c>.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <exception cref="StartRefusedException">One cannot be borrowed.</exception>
    internal static async Task<BorrowedTools> FindAsync(SelfTest runner, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var found = new BorrowedTools();
        foreach (var name in names)
        {
            var path = "/usr/bin/" + name;
            if (!File.Exists(path) || !found.Add(name, path, await ListAsync(runner, path, cancellationToken)))
            {
                throw new StartRefusedException($"This machine's {path} cannot be used inside a container image.");
            }
        }

        return found;
    }

    private static async Task<string> ListAsync(SelfTest runner, string path, CancellationToken cancellationToken)
    {
        try
        {
            return (await runner.RunPlainAsync([path], cancellationToken, "LD_TRACE_LOADED_OBJECTS=1")).Output;
        }
        catch (Exception e) when (e is Win32Exception or TimeoutException)
        {
            throw new StartRefusedException($"This machine's {path} cannot be used inside a container image: {e.Message}");
        }
    }

    private bool Add(string name, string path, string listing)
    {
        _files[name] = path;
        foreach (var line in listing.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var match = Line().Match(line);
            if (!match.Success)
            {
                if (line.Contains("not found", StringComparison.Ordinal))
                {
                    return false;
                }

                continue;
            }

            var file = match.Groups["path"].Value;
            if (match.Groups["name"] is { Success: true } library)
            {
                _files[library.Value] = file;
            }
            else
            {
                _files[_loader = Path.GetFileName(file)] = file;
            }

            // Older C libraries load this one to look up users.
            var lookup = Path.Combine(Path.GetDirectoryName(file)!, "libnss_files.so.2");
            if (File.Exists(lookup))
            {
                _files[Path.GetFileName(lookup)] = lookup;
            }
        }

        return _loader.Length > 0;
    }

    [GeneratedRegex(@"^((?<name>[^/\s]+) => )?(?<path>/\S+) \(0x[0-9a-f]+\)\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();
}
