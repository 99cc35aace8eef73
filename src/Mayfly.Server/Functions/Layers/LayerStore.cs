using System.Collections.Immutable;
using System.Text.Json;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Functions.Layers;

/// <summary>The layers' table: one row a version. A deleted version leaves its row without a document, so that its number stays taken.</summary>
internal static class LayerStore
{
    /// <summary>The table as its migration makes it.</summary>
    public const string Schema = """
        CREATE TABLE layer_versions (
            account  TEXT NOT NULL,
            region   TEXT NOT NULL,
            name     TEXT NOT NULL,
            number   INTEGER NOT NULL,
            document BLOB,
            PRIMARY KEY (account, region, name, number)
        ) WITHOUT ROWID;
        """;

    /// <summary>Writes a version, new or not; <see langword="null"/> marks it deleted.</summary>
    public static void Put(SqlSession session, LayerVersionRef reference, LayerVersion? version) =>
        session.Execute(
            """
            INSERT INTO layer_versions (account, region, name, number, document)
            VALUES ($account, $region, $name, $number, $document)
            ON CONFLICT (account, region, name, number) DO UPDATE SET document = excluded.document
            """,
            ("$account", reference.Layer.Account),
            ("$region", reference.Layer.Region),
            ("$name", reference.Layer.Name),
            ("$number", reference.Number),
            ("$document", version is null ? DBNull.Value : JsonSerializer.SerializeToUtf8Bytes(LayerDocument.Of(version), LayersJson.Default.LayerDocument)));

    /// <summary>Everything.</summary>
    public static ImmutableSortedDictionary<LayerKey, Layer> Load(SqlSession session)
    {
        var layers = ImmutableSortedDictionary.CreateBuilder<LayerKey, Layer>();
        session.Query(
            "SELECT account, region, name, number, document FROM layer_versions ORDER BY account, region, name, number",
            row =>
            {
                var reference = new LayerVersionRef(new(row.GetString(0), row.GetString(1), row.GetString(2)), row.GetInt64(3));
                var layer = layers.GetValueOrDefault(reference.Layer) ?? new(reference.Layer, 0, ImmutableSortedDictionary<long, LayerVersion>.Empty);
                var versions = layer.Versions;
                if (!row.IsDBNull(4))
                {
                    var document = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(4), LayersJson.Default.LayerDocument)
                        ?? throw new StoreException($"The row of {reference} is empty.");
                    versions = versions.Add(reference.Number, document.ToVersion(reference));
                }

                layers[reference.Layer] = layer with { Last = reference.Number, Versions = versions };
                return true;
            });
        return layers.ToImmutable();
    }
}
