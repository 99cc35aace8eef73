using System.IO.Compression;
using System.Text;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Layers;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Functions;

public sealed class LayerRegistryTests : IDisposable
{
    private const int Link = 0xA1FF;
    private static readonly LayerKey Key = new("000000000000", "us-east-1", "tools");
    private readonly TemporaryFolder _folder = new();
    private readonly CodePackageStore _packages;

    public LayerRegistryTests() => _packages = new(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PublishedVersions_AreTheSameAfterARestart()
    {
        LayerVersion first, second;
        using (var database = OpenDatabase())
        {
            using var registry = new LayerRegistry(database, _packages);
            first = await registry.PublishAsync(Key, reference => Make(reference) with { CompatibleRuntimes = [], License = "MIT", Description = "ä" }, default);
            second = await registry.PublishAsync(Key, Make, default);
            second = (await registry.ChangeAsync(second.Ref, old => old! with { Permissions = [new("s", "*", "o-1")], PolicyRevision = "r" }, default))!;
        }

        using var again = OpenDatabase();
        using var loaded = new LayerRegistry(again, _packages);
        Json(loaded.Find(first.Ref)).ShouldBe(Json(first));
        Json(loaded.Find(second.Ref)).ShouldBe(Json(second));
        loaded.Current[Key].Newest.ShouldBe(loaded.Find(second.Ref));
    }

    [Fact]
    public async Task DeletedVersion_IsGone_AndItsNumberIsNotUsedAgain_EvenAfterARestart()
    {
        using (var database = OpenDatabase())
        {
            using var registry = new LayerRegistry(database, _packages);
            await registry.PublishAsync(Key, Make, default);
            (await registry.ChangeAsync(new(Key, 1), static _ => null, default)).ShouldBeNull();
            await registry.ChangeAsync(new(Key, 9), static _ => null, default);
            registry.Find(new(Key, 1)).ShouldBeNull();
        }

        using var again = OpenDatabase();
        using var loaded = new LayerRegistry(again, _packages);
        loaded.Find(new(Key, 1)).ShouldBeNull();
        (await loaded.PublishAsync(Key, Make, default)).Ref.Number.ShouldBe(2);
    }

    [Fact]
    public async Task ConcurrentPublishing_GivesEachItsOwnNumber()
    {
        using var database = OpenDatabase();
        using var registry = new LayerRegistry(database, _packages);
        var made = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => registry.PublishAsync(Key, Make, default)));
        made.Select(static version => version.Ref.Number).Order().ShouldBe(Enumerable.Range(1, 30).Select(static n => (long)n));
    }

    [Fact]
    public async Task RefusedPublishing_TakesNoNumber()
    {
        using var database = OpenDatabase();
        using var registry = new LayerRegistry(database, _packages);
        await Should.ThrowAsync<InvalidOperationException>(() => registry.PublishAsync(Key, static _ => throw new InvalidOperationException(), default));
        (await registry.PublishAsync(Key, Make, default)).Ref.Number.ShouldBe(1);
    }

    [Fact]
    public async Task Stack_LaysLaterLayersOverEarlierOnes()
    {
        var tree = await StackAsync(
            [("python/m.py", "low", 0x81A4), ("bin/tool", "low", 0x81ED), ("a", "file", 0), ("b/x", "below", 0), ("l", "bin", Link), ("only/low", "1", 0)],
            [("python/m.py", "high", 0x81A4), ("a/x", "now a folder", 0), ("b", "now a file", 0), ("l/x", "now a folder", 0), ("only/high", "2", 0)]);
        string Read(string name) => File.ReadAllText(Path.Combine(tree, name));
        Read("python/m.py").ShouldBe("high");
        Read("bin/tool").ShouldBe("low");
        Read("a/x").ShouldBe("now a folder");
        Read("b").ShouldBe("now a file");
        Read("l/x").ShouldBe("now a folder");
        File.Exists(Path.Combine(tree, "bin/x")).ShouldBeFalse();
        Directory.GetFiles(Path.Combine(tree, "only")).Select(Path.GetFileName).Order().ShouldBe(["high", "low"]);
        Directory.GetFileSystemEntries(Path.Combine(_folder, "incoming")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Stack_InAnotherOrder_IsAnotherTree()
    {
        (string, string, int)[] one = [("x", "1", 0)], two = [("x", "2", 0)];
        (await File.ReadAllTextAsync(Path.Combine(await StackAsync(one, two), "x"))).ShouldBe("2");
        (await File.ReadAllTextAsync(Path.Combine(await StackAsync(two, one), "x"))).ShouldBe("1");
    }

    [Fact]
    public async Task LinksThatLeadOutOnlyTogether_AreRefused()
    {
        // Each stays inside alone; with the folder of the first turned into a link by the second it would lead out.
        (string, string, int)[] low = [("a/b/c/d", "x", 0), ("l", "a/b/c/../../../z", Link)];
        (string, string, int)[] high = [("a/b/c", "../../s", Link), ("s/f", "y", 0)];
        (await Should.ThrowAsync<CodePackageException>(() => StackAsync(low, high))).Message.ShouldContain("outside");
    }

    [Fact]
    public void SingleLayer_IsItsOwnTree_AndNoneIsNone()
    {
        var package = new CodePackage(new string('a', 64), 1);
        LayerStack.HashOf([]).ShouldBeNull();
        LayerStack.HashOf([package]).ShouldBe(package.Sha256);
        LayerStack.HashOf([package, package]).ShouldNotBe(package.Sha256);
        LayerStack.HashOf([package, package])!.Length.ShouldBe(64);
    }

    [Fact]
    public async Task Stack_IsCollectedWhenNothingNamesIt()
    {
        var time = new SteppedTime();
        var store = new CodePackageStore(_folder, time);
        var layers = new List<CodePackage>();
        foreach (var text in new[] { "1", "2" })
        {
            layers.Add(await store.AddAsync(new MemoryStream(Zip(("x", text, 0))), default));
        }

        var name = LayerStack.HashOf(layers)!;
        await store.MergeAsync(layers, name, default);
        var tree = Path.Combine(_folder, "code", name);
        time.Advance(TimeSpan.FromHours(1));
        store.CollectUnreferenced(new HashSet<string> { name });
        Directory.Exists(tree).ShouldBeTrue();
        time.Advance(TimeSpan.FromHours(1));
        store.CollectUnreferenced(new HashSet<string>());
        Directory.Exists(tree).ShouldBeFalse();
    }

    [Theory]
    [InlineData("arn:aws:lambda:us-east-1:000000000000:layer:tools:3", true, 3L)]
    [InlineData("arn:aws:lambda:us-east-1:000000000000:layer:tools", true, null)]
    [InlineData("arn:aws:lambda:us-east-1:000000000000:layer:tools:", false, null)]
    [InlineData("arn:aws:lambda:us-east-1:000000000000:function:tools:3", false, null)]
    [InlineData("arn:aws:lambda:us-east-1:000000000000:layer:../x:3", false, null)]
    [InlineData("arn:aws:lambda:us-east-1:000000000000:layer:tools:3\n", false, null)]
    [InlineData("tools", false, null)]
    public void Arn_IsReadOrRefused(string text, bool fits, long? version)
    {
        LayerVersionRef.TryParse(text, out var layer, out var number).ShouldBe(fits);
        number.ShouldBe(fits ? version : number);
        layer.ShouldBe(fits ? Key : default);
    }

    private async Task<string> StackAsync(params (string Name, string Text, int Mode)[][] zips)
    {
        using var database = OpenDatabase();
        using var registry = new LayerRegistry(database, _packages);
        var layers = new List<CodePackage>();
        foreach (var files in zips)
        {
            layers.Add(await _packages.AddAsync(new MemoryStream(Zip(files)), default));
        }

        await registry.StackAsync(layers, default);
        return Path.Combine(_folder, "code", LayerStack.HashOf(layers)!);
    }

    private static LayerVersion Make(LayerVersionRef reference) => new() { Ref = reference, Code = new(new string('a', 64), 7), Created = DateTimeOffset.UnixEpoch };

    private static string Json(LayerVersion? version) => System.Text.Json.JsonSerializer.Serialize(version);

    private Database OpenDatabase() => Database.Open(_folder, StoreSchema.Migrations, NullLogger.Instance);

    private static byte[] Zip(params (string Name, string Text, int Mode)[] files)
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text, mode) in files)
            {
                var entry = zip.CreateEntry(name);
                entry.ExternalAttributes = mode << 16;
                using var stream = entry.Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return buffer.ToArray();
    }
}
