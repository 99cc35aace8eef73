using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Storage;

/// <summary>A real child process writes, says what was acknowledged, and is killed without warning.</summary>
public sealed class CrashTests : IDisposable
{
    private const string FolderVariable = "MAYFLY_TEST_CRASH_FOLDER";
    private static readonly Migration _schema = new(1, "acks", "CREATE TABLE acks (id INTEGER PRIMARY KEY)");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task KilledWhileWriting_LosesNothingAcknowledged()
    {
        for (var round = 0; round < 3; round++)
        {
            var acknowledged = await WriteAndKillAsync(300 + (round * 170));
            using var database = Database.Open(_folder, [_schema], NullLogger.Instance);
            var kept = database.Read(s => s.Query("SELECT id FROM acks", r => r.GetInt64(0))).ToHashSet();
            acknowledged.Count.ShouldBeGreaterThanOrEqualTo(300);
            acknowledged.Where(id => !kept.Contains(id)).ShouldBeEmpty();
            database.Read(s => s.Scalar("PRAGMA integrity_check")).ShouldBe("ok");
        }
    }

    /// <summary>The child: sixteen writers at once, without end.</summary>
    [Fact]
    public async Task ChildThatWrites()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(folder is null, "runs in a child process of the crash test");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(folder, "acks.sock")));
        await using var acks = new StreamWriter(new NetworkStream(socket)) { AutoFlush = true };
        using var database = Database.Open(folder, [_schema], NullLogger.Instance);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            while (true)
            {
                var id = Random.Shared.NextInt64();
                await database.WriteAsync(s => s.Execute("INSERT INTO acks VALUES ($id)", ("$id", id)), default);
                lock (acks)
                {
                    acks.WriteLine(id);
                }
            }
        }));
    }

    private async Task<List<long>> WriteAndKillAsync(int count)
    {
        var path = Path.Combine(_folder, "acks.sock");
        File.Delete(path);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "Mayfly.Server.Tests"), ["-method", $"{typeof(CrashTests).FullName}.{nameof(ChildThatWrites)}"])
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
        var acknowledged = new List<long>();
        while (acknowledged.Count < count && await reader.ReadLineAsync() is { } line)
        {
            acknowledged.Add(long.Parse(line, CultureInfo.InvariantCulture));
        }

        child.Kill();
        await exited;

        // What had been said before the kill counts too; its last line may be cut.
        var rest = (await reader.ReadToEndAsync()).Split('\n');
        acknowledged.AddRange(rest[..^1].Select(line => long.Parse(line, CultureInfo.InvariantCulture)));
        return acknowledged;
    }
}
