using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Mayfly.Server.Functions.Images;

namespace Mayfly.Building;

/// <summary>A container image to upload: an archive as it is, or a folder that is packed on its way.</summary>
/// <remarks>A folder with a root file system becomes an image of one layer, written as <c>docker save</c> does.</remarks>
public sealed class ImageSource : IDisposable
{
    private const string Layer = "layer.tar";

    private readonly Func<Stream, CancellationToken, Task> _write;
    private readonly string? _temporary;

    private ImageSource(Func<Stream, CancellationToken, Task> write, string? temporary = null) => (_write, _temporary) = (write, temporary);

    /// <summary>Opens a source.</summary>
    /// <param name="path">An archive, a folder with an OCI layout, or a folder with a root file system.</param>
    /// <param name="defaults">How the last of these starts.</param>
    /// <param name="cancellationToken">Stops packing.</param>
    public static async Task<ImageSource> OpenAsync(string path, ImageDefaults defaults, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            return new(async (stream, token) =>
            {
                await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, useAsync: true);
                await file.CopyToAsync(stream, token);
            });
        }

        return IsLayout(path)
            ? new((stream, token) => PackAsync(stream, path, token))
            : await PackRootAsync(path, defaults, cancellationToken);
    }

    /// <summary>Whether a folder is an OCI layout and not a root file system.</summary>
    public static bool IsLayout(string folder) => File.Exists(Path.Combine(folder, "index.json")) && Directory.Exists(Path.Combine(folder, "blobs"));

    /// <summary>Writes the archive.</summary>
    public Task WriteAsync(Stream stream, CancellationToken cancellationToken) => _write(stream, cancellationToken);

    /// <inheritdoc />
    public void Dispose()
    {
        if (_temporary is not null)
        {
            File.Delete(_temporary);
        }
    }

    private static async Task<ImageSource> PackRootAsync(string folder, ImageDefaults defaults, CancellationToken cancellationToken)
    {
        // The digest stands before the layer in what is sent, so the layer is made first.
        var file = Path.GetTempFileName();
        try
        {
            string digest;
            await using (var layer = new FileStream(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16, useAsync: true))
            {
                await PackAsync(layer, folder, cancellationToken);
                layer.Position = 0;
                digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(layer, cancellationToken));
            }

            var config = Config(defaults, digest);
            var name = Convert.ToHexStringLower(SHA256.HashData(config)) + ".json";
            var manifest = Manifest(name);
            return new(
                async (stream, token) =>
                {
                    await using var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
                    foreach (var (entry, content) in (IEnumerable<(string, byte[])>)[("manifest.json", manifest), (name, config)])
                    {
                        await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, entry) { DataStream = new MemoryStream(content) }, token);
                    }

                    await using var layer = File.OpenRead(file);
                    await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, Layer) { DataStream = layer }, token);
                },
                file);
        }
        catch
        {
            File.Delete(file);
            throw;
        }
    }

    private static async Task PackAsync(Stream stream, string folder, CancellationToken cancellationToken)
    {
        await using var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        await AddAsync(writer, new(folder), "", cancellationToken);
    }

    // Owners are left out: nobody's numbers mean anything where the image runs.
    private static async Task AddAsync(TarWriter writer, DirectoryInfo folder, string prefix, CancellationToken cancellationToken)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos().OrderBy(static entry => entry.Name, StringComparer.Ordinal))
        {
            var name = prefix + entry.Name;
            if (entry.LinkTarget is { } target)
            {
                await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target, ModificationTime = new(entry.LastWriteTimeUtc, TimeSpan.Zero) }, cancellationToken);
            }
            else if (entry is DirectoryInfo below)
            {
                await writer.WriteEntryAsync(With(new(TarEntryType.Directory, name + "/"), entry), cancellationToken);
                await AddAsync(writer, below, name + "/", cancellationToken);
            }
            else if ((entry.Attributes & (FileAttributes.Device | FileAttributes.System)) == FileAttributes.None)
            {
                await using var content = new FileStream(entry.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16, useAsync: true);
                var packed = With(new(TarEntryType.RegularFile, name), entry);
                packed.DataStream = content;
                await writer.WriteEntryAsync(packed, cancellationToken);
            }
        }
    }

    private static PaxTarEntry With(PaxTarEntry packed, FileSystemInfo entry)
    {
        packed.ModificationTime = new(entry.LastWriteTimeUtc, TimeSpan.Zero);
        if (!OperatingSystem.IsWindows())
        {
            packed.Mode = entry.UnixFileMode;
        }

        return packed;
    }

    private static byte[] Config(ImageDefaults defaults, string digest) => Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("architecture", ImagePlatform.Architecture);
        json.WriteString("os", "linux");
        json.WriteStartObject("config");
        WriteWords(json, "Entrypoint", defaults.EntryPoint);
        WriteWords(json, "Cmd", defaults.Command);
        WriteWords(json, "Env", defaults.Environment);
        if (defaults.WorkingDirectory is { } place)
        {
            json.WriteString("WorkingDir", place);
        }

        json.WriteEndObject();
        json.WriteStartObject("rootfs");
        json.WriteString("type", "layers");
        WriteWords(json, "diff_ids", ["sha256:" + digest]);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static byte[] Manifest(string config) => Json(json =>
    {
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("Config", config);
        WriteWords(json, "Layers", [Layer]);
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static void WriteWords(Utf8JsonWriter json, string name, string[]? words)
    {
        if (words is null)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var word in words)
        {
            json.WriteStringValue(word);
        }

        json.WriteEndArray();
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            write(json);
        }

        return stream.ToArray();
    }
}
