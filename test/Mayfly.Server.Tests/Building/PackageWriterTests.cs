using System.IO.Compression;
using Mayfly.Building;
using Mayfly.Server.Tests.Shims;

namespace Mayfly.Server.Tests.Building;

public sealed class PackageWriterTests
{
    [Theory]
    [InlineData("src/app.py", true)]
    [InlineData(".git/config", false)]
    [InlineData(".gitignore", false)]
    [InlineData("serverless.yml", false)]
    [InlineData(".env.local", false)]
    [InlineData("a/.DS_Store", false)]
    [InlineData("docs/a/b.md", false)]
    [InlineData("docs/keep.md", true)]
    [InlineData("test/x.py", false)]
    [InlineData("a/b/c.test.js", false)]
    [InlineData("c.test.js", false)]
    [InlineData("data/one.json", true)]
    [InlineData("data/two.csv", false)]
    public void The_last_matching_pattern_decides(string path, bool packed) =>
        new PackagePatterns(["!docs/**", "docs/keep.md", "!./test", "!**/*.test.js", "!data/*", "data/{one,three}.json"]).Includes(path).ShouldBe(packed);

    [Fact]
    public void Everything_excluded_leaves_only_what_is_named()
    {
        var patterns = new PackagePatterns(["!**", "bin/bootstrap", "serverless.yml"]);
        patterns.Includes("a").ShouldBeFalse();
        patterns.Includes("bin/other").ShouldBeFalse();
        patterns.Includes("bin/bootstrap").ShouldBeTrue();
        patterns.Includes("serverless.yml").ShouldBeTrue();
    }

    [Fact]
    public async Task Equal_trees_make_equal_bytes()
    {
        using var one = new CodeFolder(("b/x.py", "1"), ("a.py", "2"));
        using var two = new CodeFolder(("a.py", "2"), ("b/x.py", "1"), (".mayfly/store", "secret"), (".git/HEAD", "x"), ("node_modules/.cache/x", "y"), ("b/__pycache__/x.pyc", "z"));
        File.SetLastWriteTimeUtc(Path.Combine(two.Root, "a.py"), DateTime.UnixEpoch);
        using var zips = new CodeFolder();
        var first = await WriteAsync(one.Root, zips.Root + "/1.zip");
        var second = await WriteAsync(two.Root, zips.Root + "/2.zip");
        second.ShouldBe(first);
        first.Length.ShouldBe(64);
    }

    [Fact]
    public async Task Executable_bits_and_inner_links_are_kept_and_outer_links_become_files()
    {
        using var outside = new CodeFolder(("secret.txt", "shared"));
        using var code = new CodeFolder(("bootstrap", "#!/bin/sh"), ("lib/real.so", "so"));
        File.SetUnixFileMode(Path.Combine(code.Root, "bootstrap"), (UnixFileMode)0x1ED);
        File.CreateSymbolicLink(Path.Combine(code.Root, "lib/link.so"), "real.so");
        File.CreateSymbolicLink(Path.Combine(code.Root, "shared.txt"), Path.Combine(outside.Root, "secret.txt"));
        File.CreateSymbolicLink(Path.Combine(code.Root, "dangling"), "nowhere");
        Directory.CreateSymbolicLink(Path.Combine(code.Root, "loop"), code.Root);
        using var zips = new CodeFolder();
        await WriteAsync(code.Root, zips.Root + "/1.zip");
        using var zip = ZipFile.OpenRead(zips.Root + "/1.zip");
        zip.Entries.Select(e => (e.FullName, Mode: e.ExternalAttributes >>> 16)).ShouldBe(
            [("bootstrap", 0x81ED), ("lib/link.so", 0xA1FF), ("lib/real.so", 0x81A4), ("shared.txt", 0x81A4)]);
        using var link = new StreamReader(zip.GetEntry("lib/link.so")!.Open());
        (await link.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe("real.so");
    }

    private static Task<string> WriteAsync(string folder, string zip) =>
        PackageWriter.WriteAsync([new PackageLayer(folder, Filtered: true)], [], zip, TestContext.Current.CancellationToken);
}
