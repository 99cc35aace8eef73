using System.Collections.Immutable;
using System.Text.Json;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Functions.Images;

/// <summary>The images' table: one row a reference.</summary>
internal static class ImageStore
{
    /// <summary>The table as its migration makes it.</summary>
    public const string Schema = """
        CREATE TABLE images (
            name     TEXT NOT NULL,
            tag      TEXT NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (name, tag)
        ) WITHOUT ROWID;
        """;

    /// <summary>Writes an image, new or not.</summary>
    public static void Put(SqlSession session, ContainerImage image) =>
        session.Execute(
            "INSERT INTO images (name, tag, document) VALUES ($name, $tag, $document) ON CONFLICT (name, tag) DO UPDATE SET document = excluded.document",
            ("$name", image.Reference.Name),
            ("$tag", image.Reference.Tag),
            ("$document", JsonSerializer.SerializeToUtf8Bytes(new ImageDocument(image.Tree.Sha256, image.Tree.Size, image.Defaults, image.Created), ImagesJson.Default.ImageDocument)));

    /// <summary>Removes an image, if it is there.</summary>
    public static void Remove(SqlSession session, ImageReference reference) =>
        session.Execute("DELETE FROM images WHERE name = $name AND tag = $tag", ("$name", reference.Name), ("$tag", reference.Tag));

    /// <summary>Everything, by name and tag.</summary>
    public static ImmutableSortedDictionary<string, ContainerImage> Load(SqlSession session)
    {
        var images = ImmutableSortedDictionary.CreateBuilder<string, ContainerImage>(StringComparer.Ordinal);
        session.Query(
            "SELECT name, tag, document FROM images",
            row =>
            {
                var reference = new ImageReference(row.GetString(0), row.GetString(1));
                var document = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(2), ImagesJson.Default.ImageDocument)
                    ?? throw new StoreException($"The row of the image {reference} is empty.");
                images.Add(reference.ToString(), new(reference, new(document.Sha256, document.Size), document.Defaults, document.Created));
                return true;
            });
        return images.ToImmutable();
    }
}
