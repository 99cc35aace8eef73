using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Tests.Events;

namespace Mayfly.Server.Tests.Resources.Objects;

/// <summary>A real child process writes, completes and deletes objects, says what was acknowledged, and is killed without warning.</summary>
public sealed class ObjectCrashTests : IDisposable
{
    private const string FolderVariable = "MAYFLY_TEST_OBJECT_CRASH_FOLDER";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task KilledWhileWriting_LosesNothingAcknowledged_AndShowsNothingHalf()
    {
        await using (var before = new ObjectFixture(_folder, new()))
        {
            await before.BucketAsync();
            await before.ToldAsync();
        }

        for (var round = 0; round < 2; round++)
        {
            var acknowledged = await WriteAndKillAsync(60 + (round * 37));
            await using var fixture = new ObjectFixture(_folder, new());
            var bucket = fixture["photos"];
            var kept = acknowledged.Where(line => line[0] == "put").ToDictionary(static line => line[1], static line => line[2], StringComparer.Ordinal);
            var deleted = acknowledged.Where(static line => line[0] == "delete").Select(static line => line[1]).ToHashSet(StringComparer.Ordinal);
            foreach (var (key, etag) in kept.Where(pair => !deleted.Contains(pair.Key)))
            {
                // A deletion that was not acknowledged may have been made.
                fixture.Store.Reader.Find(bucket, key)?.ETag.ShouldBe(etag);
            }

            kept.Keys.Where(key => key.StartsWith("keep", StringComparison.Ordinal)).Except(fixture.Keys(bucket)).ShouldBeEmpty();
            deleted.Intersect(fixture.Keys(bucket)).ShouldBeEmpty();
            await AllIsWholeAsync(fixture, bucket);
        }
    }

    /// <summary>The child: eight clients at once, without end.</summary>
    [Fact]
    public async Task ChildThatWritesObjects()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(folder is null, "runs in a child process of the crash test");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(folder, "acks.sock")));
        await using var acks = new StreamWriter(new NetworkStream(socket)) { AutoFlush = true };
        await using var fixture = new ObjectFixture(folder, new());
        fixture.Start();
        var bucket = fixture["photos"];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async client =>
        {
            for (var i = 0; ; i++)
            {
                var content = ObjectFixture.Bytes(Random.Shared.Next(60_000), Random.Shared.Next());
                var key = $"{(i % 3 == 0 ? "gone" : "keep")}-{Guid.NewGuid():N}";
                Say("put", key, (client == 0 ? await UploadAsync(fixture, bucket, key, content) : await fixture.PutAsync(bucket, key, content)).ETag);
                if (i % 3 == 0)
                {
                    await fixture.DeleteAsync(bucket, key);
                    Say("delete", key, "");
                }
            }
        }));

        void Say(params string[] words)
        {
            lock (acks)
            {
                acks.WriteLine(string.Join(' ', words));
            }
        }
    }

    // Everything that is listed can be read, has its event, and no file is there that nothing names.
    private static async Task AllIsWholeAsync(ObjectFixture fixture, Bucket bucket)
    {
        var created = fixture.Told.Where(static told => told.StartsWith("ObjectCreated:", StringComparison.Ordinal)).Select(static told => told.Split(' ')[1]).ToHashSet(StringComparer.Ordinal);
        var removed = fixture.Told.Where(static told => told.StartsWith("ObjectRemoved:", StringComparison.Ordinal)).Select(static told => told.Split(' ')[1]).ToHashSet(StringComparer.Ordinal);
        created.Except(removed).ShouldBe(fixture.Keys(bucket), ignoreOrder: true);
        foreach (var version in fixture.Store.Reader.List(bucket, new()).Versions)
        {
            var hash = MD5.HashData(await fixture.ReadAsync(bucket, version.Key));
            Convert.ToHexStringLower(version.PartsCount == 0 ? hash : MD5.HashData(hash)).ShouldBe(version.ETag.Split('-')[0]);
        }

        fixture.Start();
        await DeliveryFixture.UntilAsync(() => fixture.Files.Count == fixture.Database.Read(static session => (long)session.Scalar("SELECT count(*) FROM blobs")!), "files that nothing names to go");
        Directory.GetFiles(Path.Combine(fixture.Folder, "fresh")).ShouldBeEmpty();
    }

    private static async Task<ObjectVersion> UploadAsync(ObjectFixture fixture, Bucket bucket, string key, byte[] content)
    {
        var upload = await fixture.Store.Uploads.CreateAsync(bucket, new() { BucketId = bucket.Id, Key = key }, default);
        await using var body = fixture.Store.Uploads.Begin(upload, null, null);
        await body.WriteAsync(content, default);
        var part = await fixture.Store.Uploads.PutPartAsync(upload, 1, body, default);
        return await fixture.Store.Uploads.CompleteAsync(new() { Bucket = bucket, Key = key, UploadId = upload.Id, Parts = [new(1, part.ETag)], Caller = ObjectFixture.Caller }, default);
    }

    private async Task<List<string[]>> WriteAndKillAsync(int count)
    {
        var path = Path.Combine(_folder, "acks.sock");
        File.Delete(path);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "Mayfly.Server.Tests"), ["-method", $"{typeof(ObjectCrashTests).FullName}.{nameof(ChildThatWritesObjects)}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment[FolderVariable] = _folder;
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        var exited = child.WaitForExitAsync();
        var accept = listener.AcceptAsync();
        if (await Task.WhenAny(accept, exited) == exited)
        {
            Assert.Fail(await output);
        }

        using var accepted = await accept;
        using var reader = new StreamReader(new NetworkStream(accepted));
        var lines = new List<string>();
        while (lines.Count < count && await reader.ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }

        child.Kill();
        await exited;

        // What had been said before the kill counts too; its last line may be cut.
        lines.AddRange((await reader.ReadToEndAsync()).Split('\n')[..^1]);
        lines.Count.ShouldBeGreaterThanOrEqualTo(count);
        return lines.ConvertAll(static line => line.Split(' '));
    }
}
