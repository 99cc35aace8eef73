using System.IO.Compression;
using System.Security.Cryptography;

namespace Mayfly.Bench.Processes;

/// <summary>A code package.</summary>
/// <param name="Sha256">Hexadecimal.</param>
/// <param name="Zip">The bytes.</param>
internal sealed record HelloPackage(string Sha256, byte[] Zip)
{
    /// <summary>Packs files side by side.</summary>
    public static HelloPackage Pack(IEnumerable<string> files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in files)
            {
                zip.CreateEntryFromFile(file, Path.GetFileName(file));
            }
        }

        var bytes = stream.ToArray();
        return new(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes);
    }
}
