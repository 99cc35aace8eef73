using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Storage;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class DatabaseTests : IDisposable
{
    private static readonly Migration _first = new(1, "things", "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL)");
    private static readonly Migration _second = new(2, "colour", "ALTER TABLE things ADD COLUMN colour TEXT; UPDATE things SET colour = 'red'");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Written_IsThereAfterReopening()
    {
        using (var database = Open(_first))
        {
            await database.WriteAsync(s => s.Execute("INSERT INTO things VALUES (1, 'a')"), default);
        }

        using var again = Open(_first);
        again.Read(s => s.Scalar("SELECT name FROM things")).ShouldBe("a");
    }

    [Fact]
    public async Task OneWriteOfABatchFails_NeighboursStay()
    {
        using var database = Open(_first);
        using var hold = new ManualResetEventSlim();
        var blocker = Block(database, hold);
        var writes = Enumerable.Range(0, 100).Select(i => database.WriteAsync(
            s =>
            {
                s.Execute("INSERT INTO things VALUES ($id, 'x')", ("$id", i));
                if (i % 10 == 3)
                {
                    throw new InvalidOperationException("refused " + i);
                }
            },
            default)).ToList();
        hold.Set();
        await blocker;
        await Task.WhenAll(writes).ContinueWith(_ => { }, TaskScheduler.Default);

        for (var i = 0; i < writes.Count; i++)
        {
            writes[i].IsFaulted.ShouldBe(i % 10 == 3);
        }

        (await Should.ThrowAsync<InvalidOperationException>(writes[13])).Message.ShouldBe("refused 13");
        database.Read(s => s.Scalar("SELECT count(*) FROM things")).ShouldBe(90L);
    }

    [Fact]
    public async Task ConstraintBroken_OnlyThatWriteFails()
    {
        using var database = Open(_first);
        await database.WriteAsync(s => s.Execute("INSERT INTO things VALUES (1, 'a')"), default);
        await Should.ThrowAsync<Microsoft.Data.Sqlite.SqliteException>(database.WriteAsync(s => s.Execute("INSERT INTO things VALUES (1, 'b')"), default));
        (await database.WriteAsync(s => s.Execute("UPDATE things SET name = 'c'"), default)).ShouldBe(1);
    }

    [Fact]
    public async Task WritesWhileOneIsCommitting_ShareATransaction()
    {
        using var database = Open(_first);
        using var hold = new ManualResetEventSlim();
        var blocker = Block(database, hold);
        var seen = new List<bool>();
        var first = database.WriteAsync(s => s.Execute("INSERT INTO things VALUES (1, 'a')"), default);
        var second = database.WriteAsync(_ => seen.Add(first.IsCompleted), default);
        hold.Set();
        await blocker;
        await second;

        // The second ran before the first was told: neither was committed yet.
        seen.ShouldBe([false]);
        (await first).ShouldBe(1);
    }

    [Fact]
    public async Task WithdrawnBeforeItsTurn_DoesNotRun()
    {
        using var database = Open(_first);
        using var hold = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var blocker = Block(database, hold);
        var write = database.WriteAsync(s => s.Execute("INSERT INTO things VALUES (1, 'a')"), cancellation.Token);
        await cancellation.CancelAsync();
        hold.Set();
        await blocker;
        await Should.ThrowAsync<TaskCanceledException>(write);
        database.Read(s => s.Scalar("SELECT count(*) FROM things")).ShouldBe(0L);
    }

    [Fact]
    public async Task TransactionLostInTheMiddle_ThoseWritesFailAndLaterOnesWork()
    {
        using var database = Open(_first);
        using var hold = new ManualResetEventSlim();
        var blocker = Block(database, hold);
        var before = database.WriteAsync(s => s.Execute("INSERT INTO things VALUES (1, 'a')"), default);
        var breaker = database.WriteAsync(s => s.Execute("INSERT OR ROLLBACK INTO things VALUES (1, 'b')"), default);
        var after = database.WriteAsync(s => s.Execute("INSERT INTO things VALUES (2, 'c')"), default);
        hold.Set();
        await Should.ThrowAsync<StoreException>(before);
        await Should.ThrowAsync<Microsoft.Data.Sqlite.SqliteException>(breaker);
        (await after).ShouldBe(1);
        await blocker;
        database.Read(s => s.Query("SELECT id FROM things", r => r.GetInt64(0))).ShouldBe([2L]);
    }

    [Fact]
    public async Task OlderStore_IsBackedUpAndBroughtForward()
    {
        using (var old = Open(_first))
        {
            await old.WriteAsync(s => s.Execute("INSERT INTO things VALUES (1, 'a')"), default);
        }

        using (var database = Open(_first, _second))
        {
            database.Read(s => s.Scalar("SELECT colour FROM things")).ShouldBe("red");
        }

        var backup = Path.Combine(_folder, "store.db.schema-1");
        File.GetUnixFileMode(backup).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(backup, Path.Combine(_folder, "store.db"), overwrite: true);
        using var restored = Open(_first);
        restored.Read(s => s.Scalar("SELECT name FROM things")).ShouldBe("a");
    }

    [Fact]
    public void FailingMigration_LeavesTheStoreAsItWas()
    {
        Open(_first).Dispose();
        Should.Throw<StoreException>(() => Open(_first, new Migration(2, "bad", "CREATE TABLE more (id); CREATE TABLE things (id)")));
        using var database = Open(_first);
        database.Read(s => s.Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'more'")).ShouldBe(0L);
    }

    [Fact]
    public void NewerStore_IsRefusedWithBothNumbersAndTheRemedy()
    {
        Open(_first, _second).Dispose();
        var refusal = Should.Throw<StoreException>(() => Open(_first));
        refusal.Message.ShouldContain("schema 2");
        refusal.Message.ShouldContain("up to 1");
        refusal.Message.ShouldContain("store.db.schema-1");
        using var untouched = Open(_first, _second);
    }

    [Fact]
    public void NotADatabase_IsSaid()
    {
        File.WriteAllText(Path.Combine(_folder, "store.db"), new string('x', 5000));
        Should.Throw<StoreException>(() => Open(_first)).Message.ShouldContain("store.db");
    }

    [Fact]
    public async Task Files_AreThePrivatePropertyOfTheirOwner()
    {
        using var database = Open(_first);
        await database.WriteAsync(s => s.Execute("INSERT INTO things VALUES (1, 'a')"), default);
        var files = Directory.GetFiles(_folder);
        files.Length.ShouldBe(3);
        foreach (var file in files)
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        }
    }

    [Fact]
    public async Task Readers_CannotWrite_AndReadBesideAWriter()
    {
        using var database = Open(_first);
        using var hold = new ManualResetEventSlim();
        var write = database.WriteAsync(
            s =>
            {
                s.Execute("INSERT INTO things VALUES (1, 'a')");
                hold.Wait();
            },
            default);
        database.Read(s => s.Scalar("SELECT count(*) FROM things")).ShouldBe(0L);
        Should.Throw<Microsoft.Data.Sqlite.SqliteException>(() => database.Read(s => s.Execute("DELETE FROM things")));
        hold.Set();
        await write;
        database.Read(s => s.Scalar("SELECT count(*) FROM things")).ShouldBe(1L);
    }

    /// <summary>Occupies the writer, so that what is written next queues up for one batch.</summary>
    private static Task Block(Database database, ManualResetEventSlim until)
    {
        var began = new ManualResetEventSlim();
        var task = database.WriteAsync(
            _ =>
            {
                began.Set();
                until.Wait();
            },
            default);
        began.Wait();
        return task;
    }

    private Database Open(params Migration[] migrations) => Database.Open(_folder, migrations, NullLogger.Instance);
}
