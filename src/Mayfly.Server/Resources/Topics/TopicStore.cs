using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Mayfly.Server.Events;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Topics;

/// <summary>The tables of topics and subscriptions, one row each as a JSON document; of what topics that keep order had lately; and of the key that signs.</summary>
internal static class TopicStore
{
    /// <summary>The tables as their migration makes them. The number of a row of <c>topic_publications</c> is the message's sequence number.</summary>
    public const string Schema = """
        CREATE TABLE topics (arn TEXT NOT NULL PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE topic_subscriptions (arn TEXT NOT NULL PRIMARY KEY, topic TEXT NOT NULL, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX topic_subscriptions_of ON topic_subscriptions (topic);
        CREATE TABLE topic_publications (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            topic    TEXT NOT NULL,
            line     TEXT NOT NULL,
            id       TEXT NOT NULL,
            message  TEXT NOT NULL,
            ends     INTEGER NOT NULL,
            UNIQUE (topic, line, id)
        );
        CREATE INDEX topic_publications_ends ON topic_publications (ends);
        CREATE TABLE topic_signing (id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL, certificate BLOB NOT NULL);
        """;

    /// <summary>Writes changes.</summary>
    public static void Write(SqlSession session, TopicChanges changes)
    {
        foreach (var key in changes.RemoveTopics)
        {
            session.Execute("DELETE FROM topics WHERE arn = $arn", ("$arn", key.Arn));
            session.Execute("DELETE FROM topic_subscriptions WHERE topic = $topic", ("$topic", key.Arn));
            session.Execute("DELETE FROM topic_publications WHERE topic = $topic", ("$topic", key.Arn));
        }

        foreach (var subscription in changes.RemoveSubscriptions)
        {
            session.Execute("DELETE FROM topic_subscriptions WHERE arn = $arn", ("$arn", subscription.Arn));
        }

        foreach (var topic in changes.PutTopics)
        {
            session.Execute(
                "INSERT INTO topics (arn, document) VALUES ($arn, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
                ("$arn", topic.Key.Arn),
                ("$document", JsonSerializer.SerializeToUtf8Bytes(topic, TopicJson.Default.Topic)));
        }

        foreach (var subscription in changes.PutSubscriptions)
        {
            session.Execute(
                "INSERT INTO topic_subscriptions (arn, topic, document) VALUES ($arn, $topic, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
                ("$arn", subscription.Arn),
                ("$topic", subscription.Topic.Arn),
                ("$document", JsonSerializer.SerializeToUtf8Bytes(subscription, TopicJson.Default.Subscription)));
        }

        foreach (var queued in changes.Events)
        {
            EventStore.Insert(session, queued, queued.Accepted);
        }
    }

    /// <summary>Everything.</summary>
    public static TopicSnapshot Load(SqlSession session) => TopicSnapshot.Empty.With(new()
    {
        PutTopics = Read(session, "SELECT document FROM topics", TopicJson.Default.Topic),
        PutSubscriptions = Read(session, "SELECT document FROM topic_subscriptions", TopicJson.Default.Subscription),
    });

    /// <summary>Takes a message into a topic that keeps order, unless it had it a short while ago.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="line">The group within which it is known again; empty for the whole topic.</param>
    /// <param name="id">What it is known by.</param>
    /// <param name="message">The message's own id.</param>
    /// <param name="now">The time.</param>
    /// <param name="ends">Until when it is known again.</param>
    /// <returns>The first such message's id and number, and whether that is this one.</returns>
    public static (string Message, long Sequence, bool IsNew) Take(SqlSession session, in TopicKey topic, string line, string id, string message, DateTimeOffset now, DateTimeOffset ends)
    {
        session.Execute("DELETE FROM topic_publications WHERE ends <= $now", ("$now", now.ToUnixTimeMilliseconds()));
        var known = session.Query(
            "SELECT message, sequence FROM topic_publications WHERE topic = $topic AND line = $line AND id = $id",
            static row => (row.GetString(0), row.GetInt64(1)),
            ("$topic", topic.Arn),
            ("$line", line),
            ("$id", id));
        if (known is [var (first, sequence)])
        {
            return (first, sequence, false);
        }

        return (message, (long)session.Scalar(
            "INSERT INTO topic_publications (topic, line, id, message, ends) VALUES ($topic, $line, $id, $message, $ends) RETURNING sequence",
            ("$topic", topic.Arn),
            ("$line", line),
            ("$id", id),
            ("$message", message),
            ("$ends", ends.ToUnixTimeMilliseconds()))!, true);
    }

    /// <summary>The key that signs, and its certificate; <see langword="null"/> when none was made.</summary>
    public static (byte[] Key, byte[] Certificate)? FindKey(SqlSession session) =>
        session.Query("SELECT key, certificate FROM topic_signing", static row => (row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1))) is [var key] ? key : null;

    /// <summary>Keeps the key that signs.</summary>
    public static void PutKey(SqlSession session, byte[] key, byte[] certificate) =>
        session.Execute("INSERT INTO topic_signing (id, key, certificate) VALUES (1, $key, $certificate)", ("$key", key), ("$certificate", certificate));

    private static List<T> Read<T>(SqlSession session, string sql, JsonTypeInfo<T> type) =>
        session.Query(sql, row => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), type) ?? throw new StoreException($"A row of '{sql}' is empty."));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Topic))]
[JsonSerializable(typeof(Subscription))]
[JsonSerializable(typeof(HttpNotification))]
internal sealed partial class TopicJson : JsonSerializerContext;
