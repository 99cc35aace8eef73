using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;

namespace Mayfly.Bench.Processes;

/// <summary>
/// The smallest Kestrel server that makes what is posted durable: a row each in SQLite, written by one thread that commits all that came
/// meanwhile with one sync, then 202. It ends when its standard input ends.
/// </summary>
internal static class KestrelStore
{
    /// <summary>The command.</summary>
    public const string Name = "kestrel-store";

    private const int MaxBatch = 512;

    // As long as what a queue notes beside the payload.
    private static readonly byte[] s_document = new byte[250];

    /// <summary>Serves.</summary>
    /// <param name="port">On 127.0.0.1.</param>
    /// <param name="file">Where the rows go.</param>
    public static async Task<int> RunAsync(int port, string file)
    {
        var queue = Channel.CreateUnbounded<(byte[] Payload, TaskCompletionSource Done)>(new() { SingleReader = true });
        var writer = new Thread(() => Write(queue.Reader, file)) { IsBackground = true };
        writer.Start();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.WebHost.UseSockets();
        await using var app = builder.Build();
        app.Run(async context =>
        {
            if (context.Request.Method == "GET")
            {
                // Whoever started it asks whether it is up.
                return;
            }

            var payload = new byte[(int)(context.Request.ContentLength ?? 0)];
            await context.Request.Body.ReadExactlyAsync(payload);
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.Writer.TryWrite((payload, done));
            await done.Task;
            context.Response.StatusCode = 202;
            context.Response.ContentLength = 0;
        });
        await app.StartAsync();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(Stream.Null);
        return 0;
    }

    private static void Write(ChannelReader<(byte[] Payload, TaskCompletionSource Done)> queue, string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        Run(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        Run(connection, "CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, due INTEGER NOT NULL, document BLOB NOT NULL, payload BLOB NOT NULL); CREATE INDEX events_due ON events (lane, due, id)");
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO events (lane, due, document, payload) VALUES ('sink', $due, $document, $payload)";
        var (due, document, payload) = (insert.Parameters.Add("$due", SqliteType.Integer), insert.Parameters.Add("$document", SqliteType.Blob), insert.Parameters.Add("$payload", SqliteType.Blob));
        document.Value = s_document;
        var batch = new List<TaskCompletionSource>(MaxBatch);
        while (queue.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            using (var transaction = connection.BeginTransaction())
            {
                insert.Transaction = transaction;
                while (batch.Count < MaxBatch && queue.TryRead(out var next))
                {
                    (due.Value, payload.Value) = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), next.Payload);
                    insert.ExecuteNonQuery();
                    batch.Add(next.Done);
                }

                transaction.Commit();
            }

            batch.ForEach(static done => done.SetResult());
            batch.Clear();
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
