using System.Buffers;
using System.IO.Hashing;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using Mayfly.Server.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace Mayfly.Bench.Processes;

/// <summary>
/// The smallest Kestrel server that keeps what is put durably and gives it back, and computes the digests that S3 computes: MD5, CRC32 and the
/// SHA-256 that the caller claims. Up to 16 KiB are a row in SQLite, written by one thread that commits all that came meanwhile with one
/// sync; more is a file, synced and renamed. It ends when its standard input ends.
/// </summary>
internal sealed class KestrelObjects : IDisposable
{
    /// <summary>The command.</summary>
    public const string Name = "kestrel-objects";

    private const int MaxBatch = 512;
    private const int MaxRow = 16 * 1024;
    private const int Block = 256 * 1024;

    private readonly string _folder;
    private readonly Channel<(string Key, Stored Object, TaskCompletionSource Done)> _queue = Channel.CreateUnbounded<(string, Stored, TaskCompletionSource)>(new() { SingleReader = true });
    private readonly ThreadLocal<SqliteCommand> _select;

    private KestrelObjects(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        _select = new(() =>
        {
            var select = Open().CreateCommand();
            select.CommandText = "SELECT etag, content FROM objects WHERE key = $key";
            select.Parameters.Add("$key", SqliteType.Text);
            return select;
        });
        using (var connection = Open())
        {
            Run(connection, "PRAGMA journal_mode = WAL");
            Run(connection, "CREATE TABLE objects (key TEXT PRIMARY KEY, etag TEXT NOT NULL, crc TEXT NOT NULL, modified INTEGER NOT NULL, content BLOB)");
        }

        new Thread(Write) { IsBackground = true }.Start();
    }

    /// <summary>Serves.</summary>
    /// <param name="port">On 127.0.0.1.</param>
    /// <param name="folder">Where the objects go.</param>
    public static async Task<int> RunAsync(int port, string folder)
    {
        using var objects = new KestrelObjects(folder);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.WebHost.UseSockets();
        await using var app = builder.Build();
        app.Run(context => context.Request.Method == "PUT" ? objects.PutAsync(context) : objects.GetAsync(context));
        await app.StartAsync();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(Stream.Null);
        return 0;
    }

    public void Dispose() => _select.Dispose();

    private async Task PutAsync(HttpContext context)
    {
        var request = context.Request;
        var key = request.Path.Value!;
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var crc32 = new Crc32();
        var content = default(byte[]);
        if (request.ContentLength <= MaxRow)
        {
            content = new byte[(int)request.ContentLength];
            await request.Body.ReadExactlyAsync(content);
            Append(content);
        }
        else
        {
            await WriteAsync(request, FileOf(key), Append);
        }

        if (Convert.ToHexStringLower(sha256.GetHashAndReset()) != request.Headers["x-amz-content-sha256"])
        {
            context.Response.StatusCode = 400;
            return;
        }

        var crc = crc32.GetHashAndReset();
        crc.AsSpan().Reverse();
        var stored = new Stored(Convert.ToHexStringLower(md5.GetHashAndReset()), Convert.ToBase64String(crc), content);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Writer.TryWrite((key, stored, done));
        await done.Task;
        context.Response.Headers.ETag = $"\"{stored.ETag}\"";
        context.Response.Headers["x-amz-checksum-crc32"] = stored.Crc;
        context.Response.ContentLength = 0;

        void Append(ReadOnlySpan<byte> bytes)
        {
            md5.AppendData(bytes);
            sha256.AppendData(bytes);
            crc32.Append(bytes);
        }
    }

    private async Task GetAsync(HttpContext context)
    {
        var key = context.Request.Path.Value!;
        if (key == "/")
        {
            // Whoever started it asks whether it is up.
            return;
        }

        if (Find(key) is not var (etag, content))
        {
            context.Response.StatusCode = 404;
            return;
        }

        context.Response.Headers.ETag = $"\"{etag}\"";
        context.Response.ContentType = "application/octet-stream";
        if (content is null)
        {
            var file = new FileInfo(FileOf(key));
            context.Response.ContentLength = file.Length;
            await context.Response.SendFileAsync(file.FullName);
            return;
        }

        context.Response.ContentLength = content.Length;
        await context.Response.BodyWriter.WriteAsync(content);
    }

    private static async Task WriteAsync(HttpRequest request, string to, SpanAction append)
    {
        var making = $"{to}.{Guid.NewGuid():N}";
        var block = ArrayPool<byte>.Shared.Rent(Block);
        using (var file = File.OpenHandle(making, FileMode.CreateNew, FileAccess.Write, preallocationSize: request.ContentLength ?? 0))
        {
            for (long offset = 0; await request.Body.ReadAtLeastAsync(block.AsMemory(0, Block), Block, throwOnEndOfStream: false) is var count and > 0; offset += count)
            {
                append(block.AsSpan(0, count));
                await RandomAccess.WriteAsync(file, block.AsMemory(0, count), offset);
            }

            RandomAccess.FlushToDisk(file);
        }

        ArrayPool<byte>.Shared.Return(block);
        File.Move(making, to, overwrite: true);
        Durability.SyncFolder(Path.GetDirectoryName(to)!);
    }

    private void Write()
    {
        using var connection = Open();
        Run(connection, "PRAGMA synchronous = FULL");
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT OR REPLACE INTO objects (key, etag, crc, modified, content) VALUES ($key, $etag, $crc, $modified, $content)";
        var (key, etag, crc) = (insert.Parameters.Add("$key", SqliteType.Text), insert.Parameters.Add("$etag", SqliteType.Text), insert.Parameters.Add("$crc", SqliteType.Text));
        var (modified, content) = (insert.Parameters.Add("$modified", SqliteType.Integer), insert.Parameters.Add("$content", SqliteType.Blob));
        var batch = new List<TaskCompletionSource>(MaxBatch);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            using (var transaction = connection.BeginTransaction())
            {
                insert.Transaction = transaction;
                while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var next))
                {
                    (key.Value, etag.Value, crc.Value) = (next.Key, next.Object.ETag, next.Object.Crc);
                    (modified.Value, content.Value) = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), next.Object.Content ?? (object)DBNull.Value);
                    insert.ExecuteNonQuery();
                    batch.Add(next.Done);
                }

                transaction.Commit();
            }

            batch.ForEach(static done => done.SetResult());
            batch.Clear();
        }
    }

    private (string ETag, byte[]? Content)? Find(string key)
    {
        var select = _select.Value!;
        select.Parameters[0].Value = key;
        using var row = select.ExecuteReader();
        return row.Read() ? (row.GetString(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1)) : null;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder, "objects.db"), Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private string FileOf(string key) => Path.Combine(_folder, Path.GetFileName(key));

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private delegate void SpanAction(ReadOnlySpan<byte> bytes);

    /// <param name="ETag">The MD5.</param>
    /// <param name="Crc">The CRC32.</param>
    /// <param name="Content">What goes into the row; <see langword="null"/>: it is in a file.</param>
    private sealed record Stored(string ETag, string Crc, byte[]? Content);
}
