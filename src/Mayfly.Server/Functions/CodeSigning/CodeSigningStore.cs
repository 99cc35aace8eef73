using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Functions.CodeSigning;

/// <summary>The table of code signing configurations: one row each, as a JSON document.</summary>
internal static class CodeSigningStore
{
    /// <summary>The table as its migration makes it.</summary>
    public const string Schema = """
        CREATE TABLE code_signing_configs (
            arn      TEXT NOT NULL PRIMARY KEY,
            document BLOB NOT NULL
        ) WITHOUT ROWID;
        """;

    /// <summary>Writes one, new or not.</summary>
    public static void Put(SqlSession session, CodeSigningConfig config) =>
        session.Execute(
            "INSERT INTO code_signing_configs (arn, document) VALUES ($arn, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
            ("$arn", config.Arn),
            ("$document", JsonSerializer.SerializeToUtf8Bytes(config, CodeSigningJson.Default.CodeSigningConfig)));

    /// <summary>Removes one, if it is there.</summary>
    public static void Remove(SqlSession session, string arn) => session.Execute("DELETE FROM code_signing_configs WHERE arn = $arn", ("$arn", arn));

    /// <summary>Everything, by ARN.</summary>
    public static ImmutableSortedDictionary<string, CodeSigningConfig> Load(SqlSession session)
    {
        var configs = ImmutableSortedDictionary.CreateBuilder<string, CodeSigningConfig>(StringComparer.Ordinal);
        session.Query(
            "SELECT arn, document FROM code_signing_configs",
            row =>
            {
                configs.Add(row.GetString(0), JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(1), CodeSigningJson.Default.CodeSigningConfig)
                    ?? throw new StoreException($"The row of {row.GetString(0)} is empty."));
                return true;
            });
        return configs.ToImmutable();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CodeSigningConfig))]
internal sealed partial class CodeSigningJson : JsonSerializerContext;
