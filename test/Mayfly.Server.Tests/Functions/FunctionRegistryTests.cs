using System.Collections.Immutable;
using System.Diagnostics;
using Mayfly.Server.Functions;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Functions;

[Collection(nameof(Alone))]
public sealed class FunctionRegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PutFunction_IsTheSameAfterARestart()
    {
        var function = (Make("a") with { Service = "shop", RecursiveLoop = "Allow" })
            .With(null, new()
            {
                Url = new() { Id = "u1", Cors = new() { AllowOrigins = ["*"], MaxAge = 5 }, CreationTime = DateTimeOffset.UnixEpoch },
                Permissions = [new("s", "{}")],
                Async = new() { MaximumRetryAttempts = 0, OnFailure = "arn:aws:sqs:us-east-1:000000000000:q", LastModified = DateTimeOffset.UnixEpoch },
            });
        function = function with
        {
            Latest = function.Latest with
            {
                Config = function.Latest.Config with
                {
                    Environment = function.Latest.Config.Environment.Add("B", "1").Add("a", "ä\n"),
                    Network = NetworkMode.None,
                    ReservedConcurrency = 0,
                    Architectures = ["arm64"],
                },
            },
        };
        function = function.Publish("first", DateTimeOffset.UnixEpoch).Function;
        function = function with { Latest = function.Latest with { Id = "changed", RevisionId = null! } };
        function = function.Publish(null, DateTimeOffset.UnixEpoch).Function;
        function = function with { Aliases = function.Aliases.Add("live", new() { Name = "live", Version = "1", WeightedVersion = "2", Weight = 0.25, RevisionId = "r" }) };
        function = function.With("live", new() { Url = new() { Id = "u2" }, Provisioned = new(2, DateTimeOffset.UnixEpoch) });
        using (var database = OpenDatabase())
        {
            using var registry = new FunctionRegistry(database);
            await registry.ChangeAsync(function.Key, _ => function, default);
        }

        using var again = OpenDatabase();
        using var loaded = new FunctionRegistry(again);
        var found = loaded.Table.Current.Functions[function.Key];
        System.Text.Json.JsonSerializer.Serialize(found).ShouldBe(System.Text.Json.JsonSerializer.Serialize(function));
        loaded.Table.Current.Urls["u1"].ShouldBe(new(function.Key, null));
        loaded.Table.Current.Urls["u2"].ShouldBe(new(function.Key, "live"));
        loaded.Table.Resolve(new(function.Key, null))!.Value.Revision.ShouldBe(found.Latest);
        loaded.Table.Resolve(new(function.Key, "1"))!.Value.Revision.Config.Description.ShouldBe("first");
        loaded.Table.Resolve(new(function.Key, "3")).ShouldBeNull();
    }

    [Fact]
    public async Task RemovedFunction_IsGoneAfterARestart()
    {
        var function = Make("a").With(null, new() { Url = new() { Id = "u1" } });
        using (var database = OpenDatabase())
        {
            using var registry = new FunctionRegistry(database);
            await registry.ChangeAsync(function.Key, _ => function, default);
            (await registry.ChangeAsync(function.Key, _ => null, default)).ShouldBeNull();
            registry.Table.Current.Urls.ShouldBeEmpty();
        }

        using var again = OpenDatabase();
        using var loaded = new FunctionRegistry(again);
        loaded.Table.Current.Functions.ShouldBeEmpty();
    }

    [Fact]
    public async Task DeletedVersion_IsGoneAfterARestart_AndItsNumberIsNotGivenAgain()
    {
        var function = Make("a").Publish(null, DateTimeOffset.UnixEpoch).Function;
        using (var database = OpenDatabase())
        {
            using var registry = new FunctionRegistry(database);
            await registry.ChangeAsync(function.Key, _ => function, default);
            await registry.ChangeAsync(function.Key, old => old! with { Versions = old!.Versions.Remove(1) }, default);
        }

        using var again = OpenDatabase();
        using var loaded = new FunctionRegistry(again);
        var found = loaded.Table.Current.Functions[function.Key];
        found.Versions.ShouldBeEmpty();
        found.Publish(null, DateTimeOffset.UnixEpoch).Version.Version.ShouldBe("2");
    }

    [Fact]
    public async Task ConcurrentChangesOfOneFunction_AllCount()
    {
        using var database = OpenDatabase();
        using var registry = new FunctionRegistry(database);
        var function = Make("a");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => registry.ChangeAsync(
            function.Key,
            old => (old ?? function) is var f ? f with { Latest = f.Latest with { Config = f.Latest.Config with { MemoryMb = f.Latest.Config.MemoryMb + 1 } } } : null,
            default)));
        registry.Table.Current.Functions[function.Key].Latest.Config.MemoryMb.ShouldBe(178);
    }

    [Fact]
    public async Task RefusedChange_ChangesNothing()
    {
        using var database = OpenDatabase();
        using var registry = new FunctionRegistry(database);
        await Should.ThrowAsync<InvalidOperationException>(registry.ChangeAsync(Make("a").Key, _ => throw new InvalidOperationException(), default));
        registry.Table.Current.Functions.ShouldBeEmpty();
        await registry.ChangeAsync(Make("b").Key, _ => Make("b"), default);
        registry.Table.Current.Functions.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ManyFunctionsAndAnotherRow_AllOrNothing()
    {
        using var database = OpenDatabase();
        using var registry = new FunctionRegistry(database);
        await registry.ApplyAsync([Make("old")], [], null, default);
        await Should.ThrowAsync<InvalidOperationException>(registry.ApplyAsync(
            [Make("a"), Make("b")], [Make("old").Key], _ => throw new InvalidOperationException("no"), default));
        registry.Table.Current.Functions.Keys.ShouldBe([Make("old").Key]);

        await registry.ApplyAsync([Make("a"), Make("b")], [Make("old").Key], s => s.Execute("PRAGMA application_id = 7"), default);
        registry.Table.Current.Functions.Count.ShouldBe(2);
        database.Read(s => s.Scalar("PRAGMA application_id")).ShouldBe(7L);
        database.Read(s => s.Scalar("SELECT count(*) FROM functions")).ShouldBe(2L);
    }

    [Fact]
    public async Task TenThousandFunctions_LoadFastAndCostUnder20KibEach()
    {
        const int count = 10_000;
        using (var database = OpenDatabase())
        {
            using var registry = new FunctionRegistry(database);
            await registry.ApplyAsync(Enumerable.Range(0, count).Select(i => Make("function-" + i)).ToArray(), [], null, default);
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        using var again = OpenDatabase();
        using var loaded = new FunctionRegistry(again);
        watch.Stop();
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        loaded.Table.Current.Functions.Count.ShouldBe(count);
        TestContext.Current.TestOutputHelper?.WriteLine($"{each} bytes each, loaded in {watch.ElapsedMilliseconds} ms");
        each.ShouldBeLessThan(20 * 1024);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    internal static Function Make(string name)
    {
        var key = new FunctionKey("000000000000", "us-east-1", name);
        return new()
        {
            Key = key,
            Latest = new()
            {
                Id = Guid.NewGuid().ToString(),
                Function = key,
                Config = new() { Runtime = "provided.al2023", Handler = "app.handler" },
                Code = new(new('a', 64), 100),
                LastModified = DateTimeOffset.UnixEpoch,
            },
        };
    }

    private Database OpenDatabase() => Database.Open(_folder, StoreSchema.Migrations, NullLogger.Instance);
}
