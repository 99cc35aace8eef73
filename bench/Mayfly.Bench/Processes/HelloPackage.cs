using System.IO.Compression;
using System.Security.Cryptography;

namespace Mayfly.Bench.Processes;

/// <summary>The one code package that all measured functions share.</summary>
/// <param name="Sha256">Hexadecimal.</param>
/// <param name="Zip">The bytes.</param>
internal sealed record HelloPackage(string Sha256, byte[] Zip)
{
    private static readonly string[] s_files = ["hello.py", "hello.js", "faults.py", "broken.py"];

    /// <summary>Packs the folder's functions.</summary>
    public static HelloPackage Pack(string folder)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in s_files)
            {
                zip.CreateEntryFromFile(Path.Combine(folder, file), file);
            }
        }

        var bytes = stream.ToArray();
        return new(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes);
    }
}
