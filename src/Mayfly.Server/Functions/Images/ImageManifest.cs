using System.Text.Json;

namespace Mayfly.Server.Functions.Images;

/// <summary>Finds an image in its archive: as <c>docker save</c> lists it, or in an OCI layout.</summary>
internal sealed class ImageManifest
{
    private const string DockerList = "manifest.json";
    private const string OciIndex = "index.json";
    private const string Sha256 = "sha256:";
    private const int MaxDepth = 4;

    private readonly ImageArchive _archive;
    private readonly List<(JsonElement Descriptor, string Path)> _found = [];

    private ImageManifest(ImageArchive archive) => _archive = archive;

    /// <summary>Reads what the image is.</summary>
    /// <param name="archive">Its files.</param>
    /// <param name="wanted">Which image, where there are several.</param>
    /// <exception cref="CodePackageException">It is no image, or not one that can be read.</exception>
    public static ImageContent Read(ImageArchive archive, ImageReference wanted)
    {
        try
        {
            return archive.Has(DockerList) ? ReadDocker(archive, wanted)
                : archive.Has(OciIndex) ? new ImageManifest(archive).ReadOci(wanted)
                : throw new CodePackageException($"The archive is no image: it has neither {DockerList} (docker save) nor {OciIndex} (an OCI layout).");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new CodePackageException("The image's manifest or configuration cannot be read. Save the image again.");
        }
    }

    private static ImageContent ReadDocker(ImageArchive archive, ImageReference wanted)
    {
        var list = Json(archive.ReadAll(DockerList).Content);
        var images = list.EnumerateArray().ToList();
        var image = images.Count == 1 ? images[0] : images.FirstOrDefault(entry => Tags(entry).Any(tag => ImageReference.Parse(tag)?.ToString() == wanted.ToString()));
        if (image.ValueKind != JsonValueKind.Object)
        {
            throw new CodePackageException($"The archive has {images.Count} images and none is called {wanted}. It has: {string.Join(", ", images.SelectMany(Tags).Take(10).Select(PackageContents.Shown))}");
        }

        var name = image.GetProperty("Config").GetString()!;
        var (config, sha256) = archive.ReadAll(name);
        var named = Path.GetFileNameWithoutExtension(name);
        if (named.Length == 64 && named != sha256)
        {
            throw new CodePackageException($"The file '{PackageContents.Shown(name)}' of the image does not match its digest. Save the image again.");
        }

        return Content(archive, config, sha256, [.. image.GetProperty("Layers").EnumerateArray().Select(static layer => layer.GetString()!)]);
    }

    private static IEnumerable<string> Tags(JsonElement image) =>
        image.TryGetProperty("RepoTags", out var tags) && tags.ValueKind == JsonValueKind.Array ? tags.EnumerateArray().Select(static tag => tag.GetString()!) : [];

    private ImageContent ReadOci(ImageReference wanted)
    {
        Collect(Json(_archive.ReadAll(OciIndex).Content), 0);
        var images = _found;
        var fitting = images.Where(static image => Platform(image.Descriptor, "architecture") is { } architecture && architecture == ImagePlatform.Architecture).ToList();
        images = fitting.Count > 0 ? fitting : images;
        var named = images.Where(image => Name(image.Descriptor) is { } name && (name == wanted.Tag || ImageReference.Parse(name)?.ToString() == wanted.ToString())).ToList();
        images = named.Count > 0 ? named : images;
        if (images.Count != 1)
        {
            throw new CodePackageException(images.Count == 0
                ? "The OCI layout has no image."
                : $"The OCI layout has {images.Count} images for this machine and none is called {wanted.Tag}.");
        }

        var manifest = Json(_archive.ReadAll(images[0].Path).Content);
        var (config, sha256) = _archive.ReadAll(Blob(manifest.GetProperty("config")));
        return Content(_archive, config, sha256, [.. manifest.GetProperty("layers").EnumerateArray().Select(Blob)]);
    }

    // An index may name others. What it names and the archive lacks is for other machines, and what is for no machine is no image.
    private void Collect(JsonElement index, int depth)
    {
        foreach (var descriptor in index.GetProperty("manifests").EnumerateArray())
        {
            var path = Blob(descriptor);
            if (!_archive.Has(path) || Platform(descriptor, "os") is { } os and not "linux")
            {
                continue;
            }

            var content = Json(_archive.ReadAll(path).Content);
            if (!content.TryGetProperty("manifests", out _))
            {
                _found.Add((descriptor, path));
            }
            else if (depth < MaxDepth)
            {
                Collect(content, depth + 1);
            }
        }
    }

    private static string? Platform(JsonElement descriptor, string member) =>
        descriptor.TryGetProperty("platform", out var platform) && platform.TryGetProperty(member, out var value) ? value.GetString() : null;

    private static string? Name(JsonElement descriptor) =>
        descriptor.TryGetProperty("annotations", out var annotations) && annotations.TryGetProperty("org.opencontainers.image.ref.name", out var name) ? name.GetString() : null;

    private static string Blob(JsonElement descriptor) => "blobs/sha256/" + Hex(descriptor.GetProperty("digest").GetString()!);

    private static string Hex(string digest) => digest.StartsWith(Sha256, StringComparison.Ordinal) && digest.Length == Sha256.Length + 64 && !digest.AsSpan(Sha256.Length).ContainsAnyExcept("0123456789abcdef")
        ? digest[Sha256.Length..]
        : throw new CodePackageException($"The image has the digest '{PackageContents.Shown(digest)}', which is no SHA-256.");

    private static ImageContent Content(ImageArchive archive, byte[] json, string sha256, string[] layers)
    {
        var root = Json(json);
        if (root.TryGetProperty("os", out var os) && os.GetString() is { Length: > 0 } system and not "linux")
        {
            throw new CodePackageException($"The image is for {PackageContents.Shown(system)}; only images for linux run here.");
        }

        var digests = root.GetProperty("rootfs").GetProperty("diff_ids").EnumerateArray().Select(static digest => Hex(digest.GetString()!)).ToList();
        if (digests.Count != layers.Length)
        {
            throw new CodePackageException($"The image's manifest names {layers.Length} layers and its configuration {digests.Count}.");
        }

        if (layers.Length > ImageLimits.Layers)
        {
            throw ImageLimits.Exceeded(ImageLimits.Layers, "layers");
        }

        var config = root.TryGetProperty("config", out var given) && given.ValueKind == JsonValueKind.Object ? given : default;
        return new(
            sha256,
            new()
            {
                EntryPoint = Words(config, "Entrypoint"),
                Command = Words(config, "Cmd"),
                Environment = Words(config, "Env"),
                WorkingDirectory = config.ValueKind == JsonValueKind.Object && config.TryGetProperty("WorkingDir", out var folder) && folder.GetString() is { Length: > 0 } written ? written : null,
                Architecture = root.TryGetProperty("architecture", out var architecture) ? architecture.GetString() : null,
            },
            [.. layers.Zip(digests, (layer, digest) => new ImageLayer(archive, layer, digest))]);
    }

    private static string[]? Words(JsonElement config, string member) =>
        config.ValueKind == JsonValueKind.Object && config.TryGetProperty(member, out var words) && words.ValueKind == JsonValueKind.Array
            ? [.. words.EnumerateArray().Select(static word => word.GetString() ?? "")]
            : null;

    private static JsonElement Json(byte[] content)
    {
        using var document = JsonDocument.Parse(content);
        return document.RootElement.Clone();
    }
}
