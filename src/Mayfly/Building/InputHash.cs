using System.Security.Cryptography;
using System.Text;

namespace Mayfly.Building;

/// <summary>The hash of everything that a build step's result depends on.</summary>
internal static class InputHash
{
    /// <summary>Hashes the names and contents of the matching files, and the command line.</summary>
    public static async Task<string> OfAsync(string folder, IEnumerable<string> patterns, IEnumerable<string> command, CancellationToken cancellationToken)
    {
        var files = new SortedDictionary<string, FileSystemInfo>(StringComparer.Ordinal);

        // Everything is left out first, so that the step's patterns alone choose.
        PackageWriter.Collect(new PackageLayer(folder, Filtered: true), new PackagePatterns([.. patterns.Prepend("!**")]), files);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\0', command)));
        foreach (var (name, file) in files.Where(f => f.Value is FileInfo))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"\n{name}\n"));
            await using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, useAsync: true);
            hash.AppendData(await SHA256.HashDataAsync(stream, cancellationToken));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
