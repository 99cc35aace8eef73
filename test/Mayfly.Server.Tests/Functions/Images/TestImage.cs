using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mayfly.Server.Tests.Functions.Images;

/// <summary>Makes archives of images, sound ones and others.</summary>
internal sealed class TestImage
{
    private readonly List<byte[]> _layers = [];

    /// <summary>The member <c>config</c> of the configuration.</summary>
    public object Config { get; init; } = new { Entrypoint = new[] { "/app" } };

    public bool Gzip { get; init; }

    /// <summary>Digests to name instead of the layers' own.</summary>
    public string[]? Digests { get; init; }

    public static PaxTarEntry File(string name, string content, UnixFileMode mode = (UnixFileMode)0b110_100_100) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch.AddYears(30) };

    public static PaxTarEntry Folder(string name, UnixFileMode mode = (UnixFileMode)0b111_101_101) => new(TarEntryType.Directory, name) { Mode = mode };

    public static PaxTarEntry Link(string name, string target, TarEntryType type = TarEntryType.SymbolicLink) => new(type, name) { LinkName = target };

    public static byte[] Tar(params TarEntry[] entries)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }

    public TestImage Layer(params TarEntry[] entries) => Raw(Tar(entries));

    public TestImage Raw(byte[] tar)
    {
        _layers.Add(tar);
        return this;
    }

    /// <summary>As <c>docker save</c> writes it.</summary>
    public byte[] Docker(params string[] tags)
    {
        var config = ConfigJson();
        var list = JsonSerializer.SerializeToUtf8Bytes(new[] { new { Config = Sha256(config) + ".json", RepoTags = tags, Layers = _layers.Select((_, i) => $"{i}/layer.tar") } });
        return Tar([.. _layers.Select((layer, i) => Blob($"{i}/layer.tar", Packed(layer))), Blob(Sha256(config) + ".json", config), Blob("manifest.json", list)]);
    }

    /// <summary>As an OCI layout, with an index in the index and a manifest for another machine that is not there.</summary>
    public byte[] Oci()
    {
        var config = ConfigJson();
        var layers = _layers.Select(Packed).ToList();
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new { schemaVersion = 2, config = Descriptor(config), layers = layers.Select(Descriptor) });
        var attestation = JsonSerializer.SerializeToUtf8Bytes(new { schemaVersion = 2, config = Descriptor([]), layers = Array.Empty<object>() });
        var inner = JsonSerializer.SerializeToUtf8Bytes(new
        {
            manifests = new object[]
            {
                new { digest = "sha256:" + new string('1', 64), platform = new { os = "linux", architecture = "s390x" } },
                new { digest = "sha256:" + Sha256(manifest), platform = new { os = "linux", architecture = Mayfly.Server.Functions.Images.ImagePlatform.Architecture } },
                new { digest = "sha256:" + Sha256(attestation), platform = new { os = "unknown", architecture = "unknown" } },
            },
        });
        var index = JsonSerializer.SerializeToUtf8Bytes(new { manifests = new[] { new { digest = "sha256:" + Sha256(inner) } } });
        byte[][] blobs = [inner, manifest, attestation, config, .. layers];
        return Tar([Blob("oci-layout", "{}"u8.ToArray()), Blob("index.json", index), .. blobs.Select(static blob => Blob("blobs/sha256/" + Sha256(blob), blob))]);
    }

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static PaxTarEntry Blob(string name, byte[] content) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) };

    public static byte[] GzipOf(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    private byte[] ConfigJson() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        architecture = Mayfly.Server.Functions.Images.ImagePlatform.Architecture,
        os = "linux",
        config = Config,
        rootfs = new { type = "layers", diff_ids = Digests ?? [.. _layers.Select(static layer => "sha256:" + Sha256(layer))] },
    });

    private byte[] Packed(byte[] layer) => Gzip ? GzipOf(layer) : layer;

    private static object Descriptor(byte[] content) => new { digest = "sha256:" + Sha256(content), size = content.Length };
}
