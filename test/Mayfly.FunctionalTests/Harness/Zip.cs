using System.IO.Compression;
using System.Text;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>Makes code packages, good ones and hostile ones.</summary>
public static class Zip
{
    public static byte[] Of(params (string Name, string Text)[] files) => Make(zip =>
    {
        foreach (var (name, text) in files)
        {
            var entry = zip.CreateEntry(name);
            entry.ExternalAttributes = unchecked((int)(0x81EDu << 16));
            using var stream = entry.Open();
            stream.Write(Encoding.UTF8.GetBytes(text));
        }
    });

    /// <summary>A bootstrap that is a file of the machine.</summary>
    public static byte[] OfFile(string name, string path) => OfFiles([(name, path)]);

    /// <summary>Files of the machine.</summary>
    public static byte[] OfFiles(IEnumerable<(string Name, string Path)> files) => Make(zip =>
    {
        foreach (var (name, path) in files)
        {
            var entry = zip.CreateEntry(name, CompressionLevel.Fastest);
            entry.ExternalAttributes = unchecked((int)(0x81EDu << 16));
            using var stream = entry.Open();
            stream.Write(File.ReadAllBytes(path));
        }
    });

    /// <summary>With a symbolic link in it.</summary>
    public static byte[] WithLink(string name, string target) => Make(zip =>
    {
        using (var code = zip.CreateEntry("app.py").Open())
        {
            code.Write("def handler(event, context):\n    return 1\n"u8);
        }

        var entry = zip.CreateEntry(name);
        entry.ExternalAttributes = unchecked((int)(0xA1FFu << 16));
        using var stream = entry.Open();
        stream.Write(Encoding.UTF8.GetBytes(target));
    });

    /// <summary>Small, but more than 250 MB once unpacked.</summary>
    public static byte[] Bomb() => Make(zip =>
    {
        var zeros = new byte[1 << 20];
        using var stream = zip.CreateEntry("zeros.bin", CompressionLevel.Fastest).Open();
        for (var i = 0; i < 300; i++)
        {
            stream.Write(zeros);
        }
    });

    private static byte[] Make(Action<ZipArchive> fill)
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            fill(zip);
        }

        return buffer.ToArray();
    }
}
