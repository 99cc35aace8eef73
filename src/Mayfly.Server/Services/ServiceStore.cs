using System.Text.Json;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>The services' table: one row a service, its record as one JSON document.</summary>
internal static class ServiceStore
{
    /// <summary>The table as migration 2 makes it.</summary>
    public const string Schema = """
        CREATE TABLE services (
            name     TEXT NOT NULL PRIMARY KEY,
            document BLOB NOT NULL
        ) WITHOUT ROWID;
        """;

    /// <summary>Writes a service, new or not.</summary>
    public static void Put(SqlSession session, ServiceRecord service) =>
        session.Execute(
            "INSERT INTO services (name, document) VALUES ($name, $document) ON CONFLICT (name) DO UPDATE SET document = excluded.document",
            ("$name", service.Name),
            ("$document", JsonSerializer.SerializeToUtf8Bytes(service, ServicesJson.Default.ServiceRecord)));

    /// <summary>Removes a service, if it is there.</summary>
    public static void Remove(SqlSession session, string name) =>
        session.Execute("DELETE FROM services WHERE name = $name", ("$name", name));

    /// <summary>All services.</summary>
    public static List<ServiceRecord> Load(SqlSession session) =>
        session.Query(
            "SELECT name, document FROM services",
            static row => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(1), ServicesJson.Default.ServiceRecord)
                ?? throw new StoreException($"The row of service {row.GetString(0)} is empty."));
}
