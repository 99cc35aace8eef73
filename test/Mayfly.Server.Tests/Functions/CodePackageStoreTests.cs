using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Tests.Functions;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class CodePackageStoreTests : IDisposable
{
    private const int Link = 0xA1FF;
    private readonly TemporaryFolder _folder = new();
    private readonly CodePackageStore _store;

    public CodePackageStoreTests() => _store = new(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task GoodZip_IsUnpackedWithItsModesAndLinks()
    {
        var zip = Zip(
            ("app.py", "code", 0x81A4), ("bootstrap", "#!/bin/sh", 0), ("bin/tool", "x", 0x81C0), ("bin/also", "../app.py", Link),
            ("a/b/", "", 0x41ED), ("./c//d.txt", "d", 0), ("secret", "s", 0x8000));
        var package = await _store.AddAsync(new MemoryStream(zip), default);
        package.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(zip)));
        package.Size.ShouldBe(zip.Length);
        (await File.ReadAllBytesAsync(_store.ZipOf(package))).ShouldBe(zip);

        var tree = _store.TreeOf(package);
        Mode(tree, "app.py").ShouldBe("644");
        Mode(tree, "secret").ShouldBe("644");
        Mode(tree, "bootstrap").ShouldBe("755");
        Mode(tree, "bin/tool").ShouldBe("755");
        Mode(tree, "bin").ShouldBe("755");
        (await File.ReadAllTextAsync(Path.Combine(tree, "bin/also"))).ShouldBe("code");
        (await File.ReadAllTextAsync(Path.Combine(tree, "c/d.txt"))).ShouldBe("d");
        Directory.Exists(Path.Combine(tree, "a")).ShouldBeTrue();
        _store.Find(package.Sha256).ShouldBe(package);
        Directory.GetFileSystemEntries(Path.Combine(_folder, "incoming")).ShouldBeEmpty();
    }

    [Fact]
    public async Task SameBytesManyTimesAtOnce_AreStoredOnce()
    {
        var zip = Zip(("app.py", "code", 0));
        var packages = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _store.AddAsync(new MemoryStream(zip), default)));
        packages.Distinct().Count().ShouldBe(1);
        Directory.GetDirectories(Path.Combine(_folder, "code")).Length.ShouldBe(1);
        Directory.GetFileSystemEntries(Path.Combine(_folder, "incoming")).ShouldBeEmpty();
    }

    public static TheoryData<string, string, byte[]> Hostile => new()
    {
        { "parent", "'..'", Zip(("../evil", "x", 0)) },
        { "parent inside", "'..'", Zip(("a/../../evil", "x", 0)) },
        { "absolute", "absolute", Zip(("/etc/evil", "x", 0)) },
        { "drive", "absolute", Zip(("C:/evil", "x", 0)) },
        { "backslash", "backslash", Zip(("..\\evil", "x", 0)) },
        { "nul", "control", Zip(("a\0b", "x", 0)) },
        { "duplicate", "two entries", Zip(("a", "x", 0), ("./a", "y", 0)) },
        { "file and folder", "both", Zip(("a", "x", 0), ("a/b", "y", 0)) },
        { "below a link", "both", Zip(("a", "b", Link), ("a/b", "y", 0)) },
        { "link to absolute", "outside", Zip(("a", "/etc/passwd", Link)) },
        { "link to parent", "outside", Zip(("d/a", "../../x", Link)) },
        { "link through a link", "outside", Zip(("d/e/f", "x", 0), ("short", "d/e", Link), ("d/out", "e", Link), ("z", "short/../../../x", Link)) },
        { "link that looks inside", "outside", Zip(("up", "d/e", Link), ("d/e", ".", Link), ("z", "up/../../x", Link)) },
        { "link circle", "circle", Zip(("a", "b", Link), ("b", "a", Link)) },
        { "device", "device", Zip(("a", "x", 0x21FF)) },
        { "pipe", "device", Zip(("a", "x", 0x11FF)) },
        { "long name", "255", Zip((new('a', 256), "x", 0)) },
        { "long path", "2048", Zip((string.Concat(Enumerable.Repeat("abcd/", 500)) + "x", "x", 0)) },
        { "empty", "non-empty", [] },
        { "empty zip", "non-empty", Zip() },
        { "text", "Could not unzip", "this is not a zip"u8.ToArray() },
        { "cut", "Could not unzip", Zip(("a", new('x', 5000), 0))[..60] },
        { "bomb by its directory", "262144000", Bomb() },
        { "bomb that lies", "damaged", Patch(Bomb(), directorySize: 100) },
        { "too small", "damaged", Patch(Zip(("a", new('x', 5000), 0)), directorySize: 5001) },
        { "wrong checksum", "damaged", Corrupt(Zip(CompressionLevel.NoCompression, ("a", "content", 0))) },
        { "encrypted", "encrypted", Flag(Zip(("a", "x", 0)), 1) },
        { "zip64 lie", "Could not unzip", Zip64Lie() },
        { "too many", "100000", Zip(CompressionLevel.NoCompression, [.. Enumerable.Range(0, 100_001).Select(i => ("f" + i, "", 0))]) },
    };

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public async Task HostileZip_IsRefusedAndLeavesNothing(string what, string says, byte[] zip)
    {
        var refusal = await Should.ThrowAsync<CodePackageException>(_store.AddAsync(new MemoryStream(zip), default), what);
        refusal.Message.ShouldContain(says, customMessage: what);
        refusal.Message.Any(char.IsControl).ShouldBeFalse();
        Directory.GetFileSystemEntries(_folder, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order().ShouldBe(["code", "incoming", "packages"]);
    }

    [Fact]
    public async Task AnyBrokenBytes_AreRefusedOrUnpackedButNeverABug()
    {
        var random = new Random(7);
        var good = Zip(("app.py", new string('x', 300), 0x81A4), ("bin/also", "../app.py", Link), ("a/b/", "", 0x41ED), ("c/ü.txt", "d", 0));
        for (var round = 0; round < 1500; round++)
        {
            var bytes = good.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            bytes = random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
            try
            {
                await _store.AddAsync(new MemoryStream(bytes), default);
            }
            catch (CodePackageException)
            {
            }
        }

        Directory.GetFileSystemEntries(Path.Combine(_folder, "incoming")).ShouldBeEmpty();
        Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order().ShouldBe(["code", "incoming", "packages"]);
    }

    [Fact]
    public async Task OverTheGivenLimit_IsRefusedWithoutReadingOn()
    {
        await using var endless = new EndlessStream();
        (await Should.ThrowAsync<CodePackageException>(_store.AddAsync(endless, 1_000_000, default))).Message.ShouldContain("1000000");
        endless.Given.ShouldBeLessThan(2_000_000);
    }

    [Fact]
    public async Task Unreferenced_IsKeptWhileYoungAndDeletedLater()
    {
        var time = new SteppedTime();
        var store = new CodePackageStore(_folder, time);
        var kept = await store.AddAsync(new MemoryStream(Zip(("a", "1", 0))), default);
        var dropped = await store.AddAsync(new MemoryStream(Zip(("a", "2", 0))), default);
        store.CollectUnreferenced(new HashSet<string>(StringComparer.Ordinal) { kept.Sha256, dropped.Sha256 });
        time.Advance(TimeSpan.FromMinutes(19));
        store.CollectUnreferenced(new HashSet<string>(StringComparer.Ordinal) { kept.Sha256 }).ShouldBeFalse();
        File.Exists(store.ZipOf(dropped)).ShouldBeTrue();
        time.Advance(TimeSpan.FromMinutes(2));
        store.CollectUnreferenced(new HashSet<string>(StringComparer.Ordinal) { kept.Sha256 }).ShouldBeTrue();
        File.Exists(store.ZipOf(dropped)).ShouldBeFalse();
        Directory.Exists(store.TreeOf(dropped)).ShouldBeFalse();
        store.Find(dropped.Sha256).ShouldBeNull();
        store.Find(kept.Sha256).ShouldBe(kept);
    }

    [Fact]
    public async Task AtStart_WhatIsUnreferencedOrUnfinishedGoes()
    {
        var package = await _store.AddAsync(new MemoryStream(Zip(("a", "1", 0))), default);
        Directory.CreateDirectory(Path.Combine(_folder, "code", new string('b', 64)));
        Directory.CreateDirectory(Path.Combine(_folder, "incoming", "half"));
        var restarted = new CodePackageStore(_folder);
        restarted.CollectUnreferenced(new HashSet<string>(StringComparer.Ordinal));
        File.Exists(restarted.ZipOf(package)).ShouldBeFalse();
        Directory.GetDirectories(Path.Combine(_folder, "code")).ShouldBeEmpty();
        Directory.GetFileSystemEntries(Path.Combine(_folder, "incoming")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("")]
    [InlineData("ABCDEFabcdefABCDEFabcdefABCDEFabcdefABCDEFabcdefABCDEFabcdefABCD")]
    public void Find_TakesNothingButAHash(string name) => _store.Find(name).ShouldBeNull();

    internal static byte[] Zip(params (string Name, string Content, int Mode)[] entries) => Zip(CompressionLevel.Optimal, entries);

    private static byte[] Zip(CompressionLevel level, params (string Name, string Content, int Mode)[] entries)
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content, mode) in entries)
            {
                var entry = zip.CreateEntry(name, level);
                entry.ExternalAttributes = mode << 16;
                using var stream = entry.Open();
                stream.Write(Encoding.UTF8.GetBytes(content));
            }
        }

        return bytes.ToArray();
    }

    private static byte[] Bomb()
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var stream = zip.CreateEntry("zeros", CompressionLevel.Fastest).Open();
            var block = new byte[1_000_000];
            for (var i = 0; i < 263; i++)
            {
                stream.Write(block);
            }
        }

        return bytes.ToArray();
    }

    private static byte[] Patch(byte[] zip, int directorySize)
    {
        BitConverter.TryWriteBytes(zip.AsSpan(zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + 24), directorySize);
        return zip;
    }

    private static byte[] Flag(byte[] zip, byte flag)
    {
        zip[zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + 8] |= flag;
        return zip;
    }

    private static byte[] Corrupt(byte[] zip)
    {
        zip[zip.AsSpan().IndexOf("content"u8)] ^= 1;
        return zip;
    }

    private static byte[] Zip64Lie()
    {
        var zip = Zip(("a", "x", 0));
        BitConverter.TryWriteBytes(zip.AsSpan(zip.Length - 22 + 16), uint.MaxValue);
        return zip;
    }

    private static string Mode(string tree, string path) => Convert.ToString((int)File.GetUnixFileMode(Path.Combine(tree, path)), 8);
}
