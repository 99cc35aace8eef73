using System.Text.Json;
using System.Text.Json.Serialization;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>The table of queues: one row each, as a JSON document. Rows never get the number of an earlier one, so messages of a removed queue belong to nobody.</summary>
internal static class QueueStore
{
    /// <summary>The tables as their migration makes them. Ends of generations stand in <c>queue_ends</c> until their messages are swept.</summary>
    public const string Schema = """
        CREATE TABLE queues (id INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, document BLOB NOT NULL);
        CREATE TABLE queue_ends (id INTEGER PRIMARY KEY);
        """;

    /// <summary>Writes a queue, new or not.</summary>
    /// <returns>The queue with its number.</returns>
    public static MessageQueue Put(SqlSession session, MessageQueue queue) => queue with
    {
        Id = (long)session.Scalar(
            "INSERT INTO queues (arn, document) VALUES ($arn, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document RETURNING id",
            ("$arn", queue.Key.Arn),
            ("$document", JsonSerializer.SerializeToUtf8Bytes(queue, QueueJson.Default.MessageQueue)))!,
    };

    /// <summary>Removes a queue, if it is there; its messages are swept later.</summary>
    public static void Remove(SqlSession session, in QueueKey key)
    {
        if (IdOf(session, key) is { } id)
        {
            session.Execute("INSERT INTO queue_ends (id) VALUES ($id)", ("$id", id));
            session.Execute("DELETE FROM queues WHERE id = $id", ("$id", id));
        }
    }

    /// <summary>The number that a queue has in this transaction; <see langword="null"/> when it is not there.</summary>
    public static long? IdOf(SqlSession session, in QueueKey key) => (long?)session.Scalar("SELECT id FROM queues WHERE arn = $arn", ("$arn", key.Arn));

    /// <summary>Everything.</summary>
    public static List<MessageQueue> Load(SqlSession session) => session.Query(
        "SELECT id, document FROM queues",
        static row => (JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(1), QueueJson.Default.MessageQueue) ?? throw new StoreException("A row of queues is empty.")) with { Id = row.GetInt64(0) });
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MessageQueue))]
[JsonSerializable(typeof(MessageDocument))]
[JsonSerializable(typeof(MoveTask))]
internal sealed partial class QueueJson : JsonSerializerContext;
