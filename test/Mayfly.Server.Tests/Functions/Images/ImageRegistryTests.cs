using System.Formats.Tar;
using System.Text;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Images;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using static Mayfly.Server.Tests.Functions.Images.TestImage;

namespace Mayfly.Server.Tests.Functions.Images;

public sealed class ImageRegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Database _database;
    private readonly CodePackageStore _packages;
    private readonly ImageRegistry _images;

    public ImageRegistryTests()
    {
        _database = Database.Open(_folder, StoreSchema.Migrations, NullLogger.Instance);
        _packages = new(_folder);
        _images = new(_database, _packages, TimeProvider.System);
    }

    public void Dispose()
    {
        _images.Dispose();
        _database.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Layers_LieOverEachOther(bool gzip, bool oci)
    {
        var image = new TestImage { Gzip = gzip, Config = new { Entrypoint = new[] { "/app" }, Cmd = new[] { "x" }, Env = new[] { "A=b" }, WorkingDir = "/w" } }
            .Layer(Folder("etc/"), File("etc/old", "old"), File("etc/kept", "kept"), File("gone", "x"), File("dir/a", "a"), File("dir/b", "b"), File("full/low", "low"), File("full/sub/low", "low"), Link("bin", "usr/bin"), Folder("usr/bin"))
            .Layer(File("etc/old", "new", (UnixFileMode)0b111_101_101), File(".wh.gone", ""), File("dir/.wh.a", ""), File("full/high", "high"), File("full/.wh..wh..opq", ""), File("full/sub/high", "high"), File("bin/tool", "tool"), Link("same", "etc/kept", TarEntryType.HardLink));

        var added = await AddAsync(oci ? image.Oci() : image.Docker());

        Show(added).ShouldBe(["bin -> usr/bin", "dir/b=b", "etc/kept=kept", "etc/old=new", "full/high=high", "full/sub/high=high", "same=kept", "usr/bin/tool=tool"]);
        added.Tree.Size.ShouldBe("newkeptbhighhightool".Length);
        added.Defaults.EntryPoint.ShouldBe(["/app"]);
        added.Defaults.Command.ShouldBe(["x"]);
        added.Defaults.Environment.ShouldBe(["A=b"]);
        added.Defaults.WorkingDirectory.ShouldBe("/w");
        System.IO.File.GetUnixFileMode(Place(added, "etc/old")).ShouldBe((UnixFileMode)0b111_101_101);
        System.IO.File.GetLastWriteTimeUtc(Place(added, "etc/old")).Year.ShouldBe(2000);
    }

    [Fact]
    public async Task ImagesOfOneContent_AreStoredOnce_AndOutliveARestart()
    {
        var archive = new TestImage().Layer(File("app", "1")).Docker();
        var first = await AddAsync(archive, "a:1");
        var second = await AddAsync(GzipOf(archive), "registry.example.com:5000/b/c:2");
        second.Tree.ShouldBe(first.Tree);
        Directory.GetDirectories(Path.Combine(_folder, "code")).Length.ShouldBe(1);
        Directory.GetDirectories(Path.Combine(_folder, "incoming")).ShouldBeEmpty();

        using var again = new ImageRegistry(_database, _packages, TimeProvider.System);
        again.Current.Keys.ShouldBe(["a:1", "b/c:2"]);
        again.Find(ImageReference.Parse("000000000000.dkr.ecr.us-east-1.amazonaws.com/b/c:2")!)!.Tree.ShouldBe(first.Tree);
        again.Find(ImageReference.Parse($"a@sha256:{first.Tree.Sha256}")!)!.Tree.ShouldBe(first.Tree);
        again.Find(ImageReference.Parse("a")!).ShouldBeNull();
    }

    [Fact]
    public async Task RemovedImage_IsGone_AndItsTreeIsCollectedUnlessAFunctionRunsIt()
    {
        var time = new SteppedTime();
        var packages = new CodePackageStore(_folder, time);
        using var images = new ImageRegistry(_database, packages, time);
        var image = await images.AddAsync(ImageReference.Parse("a")!, new MemoryStream(new TestImage().Layer(File("app", "1")).Docker()), default);
        bool Collect(params string[] referenced)
        {
            time.Advance(TimeSpan.FromHours(1));
            packages.CollectUnreferenced(referenced.ToHashSet());
            return !Directory.Exists(packages.TreeOf(image.Tree));
        }

        Collect().ShouldBeFalse();
        (await images.RemoveAsync(image.Reference)).ShouldBeTrue();
        (await images.RemoveAsync(image.Reference)).ShouldBeFalse();
        Collect(image.Tree.Sha256).ShouldBeFalse();
        Collect().ShouldBeTrue();
    }

    [Fact]
    public async Task RightsAreKept_ButNoneToBecomeAnother_AndDevicesAreLeftOut()
    {
        var added = await AddAsync(new TestImage().Layer(
            File("su", "x", (UnixFileMode)0b110_111_101_101),
            Folder("tight", UnixFileMode.None),
            File("tight/secret", "x", UnixFileMode.None),
            new PaxTarEntry(TarEntryType.CharacterDevice, "null") { DeviceMajor = 1, DeviceMinor = 3 },
            new PaxTarEntry(TarEntryType.Fifo, "pipe")).Docker());

        System.IO.File.GetUnixFileMode(Place(added, "su")).ShouldBe((UnixFileMode)0b111_101_101);
        System.IO.File.GetUnixFileMode(Place(added, "tight")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        System.IO.File.GetUnixFileMode(Place(added, "tight/secret")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Show(added).ShouldBe(["su=x", "tight/secret=x"]);
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("../../../../../../../../etc")]
    public async Task WritingThroughALink_StaysInTheImage(string target)
    {
        var added = await AddAsync(new TestImage().Layer(Folder("etc"), Link("out", target)).Layer(File("out/mayfly-escaped", "x"), Link("out/deeper", "/"), File("out/deeper/root", "y")).Docker());

        Show(added).ShouldBe([$"etc/deeper -> /", "etc/mayfly-escaped=x", $"out -> {target}", "root=y"]);
        System.IO.File.Exists("/etc/mayfly-escaped").ShouldBeFalse();
    }

    [Fact]
    public async Task KindsReplaceEachOther()
    {
        var added = await AddAsync(new TestImage()
            .Layer(File("a/x", "x"), File("b", "b"), Link("c", "a"), File("d/e/f", "f"))
            .Layer(File("a", "file"), Folder("b"), File("b/y", "y"), Folder("c"), File("c/z", "z"), Link("d", "b"), File("d/w", "w")).Docker());

        Show(added).ShouldBe(["a=file", "b/w=w", "b/y=y", "c/z=z", "d -> b"]);
    }

    public static TheoryData<string, byte[]> Hostile => new()
    {
        { "leads out", new TestImage().Layer(File("../escaped", "x")).Docker() },
        { "leads out", new TestImage().Layer(File("a/../../escaped", "x")).Docker() },
        { "leads out", new TestImage().Layer(Link("a", "../../etc/passwd", TarEntryType.HardLink)).Docker() },
        { "no file of it", new TestImage().Layer(Link("a", "etc/passwd", TarEntryType.HardLink)).Docker() },
        { "no file of it", new TestImage().Layer(Link("etc", "/etc"), Link("a", "etc/passwd", TarEntryType.HardLink)).Docker() },
        { "takes away", new TestImage().Layer(File("a/b", "x"), File("a/.wh...", "")).Docker() },
        { "takes away", new TestImage().Layer(File("a/b", "x"), File("a/.wh..", "")).Docker() },
        { "takes away", new TestImage().Layer(File("a/.wh.", ""), File("a/b", "x"), File("a/.wh.", "")).Docker() },
        { "no folder", new TestImage().Layer(File("a", "x"), File("a/b", "x")).Docker() },
        { "no folder", new TestImage().Layer(Link("a", "b"), Link("b", "a"), File("a/c", "x")).Docker() },
        { "too long", new TestImage().Layer(File(string.Join('/', Enumerable.Repeat(new string('a', 100), 30)), "x")).Docker() },
        { "more than 255", new TestImage().Layer(File(new string('a', 300), "x")).Docker() },
        { "not match", new TestImage { Digests = ["sha256:" + new string('0', 64)] }.Layer(File("a", "x")).Docker() },
        { "no SHA-256", new TestImage { Digests = ["sha256:../../../../x"] }.Layer(File("a", "x")).Docker() },
        { "names 1 layers", new TestImage { Digests = [] }.Layer(File("a", "x")).Docker() },
        { "not a whole tar", new TestImage().Raw(Tar(File("a", new string('x', 5000)))[..2000]).Docker() },
        { "not a whole tar", new TestImage().Raw([.. Enumerable.Repeat((byte)'x', 5000)]).Docker() },
        { "not a whole tar", new TestImage().Layer(File("a", "x")).Docker()[..700] },
        { "not a whole tar", Encoding.ASCII.GetBytes(new string('x', 5000)) },
        { "neither", Tar(File("readme", "hello")) },
        { "not a whole tar", [] },
        { "cannot be read", Tar(File("manifest.json", "[{}]")) },
        { "cannot be read", Tar(File("manifest.json", "{")) },
        { "lacks the file", Tar(File("manifest.json", """[{"Config":"../../../../etc/passwd","Layers":[]}]""")) },
        { "lacks the file", Tar(Link("a.json", "/etc/passwd"), File("manifest.json", """[{"Config":"a.json","Layers":[]}]""")) },
        { "zstd", Tar(Blob("0", [0x28, 0xb5, 0x2f, 0xfd, 0]), Blob("c", ConfigOf(new string('0', 64))), File("manifest.json", """[{"Config":"c","Layers":["0"]}]""")) },
        { "match its digest", Tar(File("blobs/sha256/" + new string('a', 64), "x"), File("index.json", "{}")) },
        { "has no image", Tar(File("index.json", """{"manifests":[]}""")) },
        { "more than 127", Many(128) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task BrokenOrHostileArchive_IsRefused_AndLeavesNothing(string why, byte[] archive)
    {
        var refused = await Should.ThrowAsync<CodePackageException>(() => AddAsync(archive));

        refused.Message.ShouldContain(why);
        Directory.GetDirectories(Path.Combine(_folder, "code")).ShouldBeEmpty();
        Directory.GetDirectories(Path.Combine(_folder, "incoming")).ShouldBeEmpty();
        _images.Current.ShouldBeEmpty();
    }

    [Fact]
    public async Task HeaderThatClaimsMuchMemory_IsRefusedBeforeItIsRead()
    {
        // A header that says that names of 1.5 GB follow, and zeros for as long as anybody reads.
        var header = Tar(File("a", new string('x', 2000)));
        var claims = header[..512];
        Encoding.ASCII.GetBytes("13140000000\0").CopyTo(claims, 124);
        claims[156] = (byte)'x';
        Encoding.ASCII.GetBytes("        ").CopyTo(claims, 148);
        Encoding.ASCII.GetBytes(Convert.ToString(claims.Sum(static value => value), 8).PadLeft(6, '0') + "\0 ").CopyTo(claims, 148);

        var endless = new EndlessStream();
        var refused = await Should.ThrowAsync<CodePackageException>(() => _images.AddAsync(ImageReference.Parse("a")!, new PrefixedStream(claims, endless), default));

        refused.Message.ShouldContain("not a whole tar");
        endless.Given.ShouldBeLessThan(10_000_000);
    }

    [Fact]
    public async Task OneOfSeveralImages_IsChosenByItsName()
    {
        var (one, two) = (Tar(File("one", "1")), Tar(File("two", "2")));
        var archive = Tar(Blob("1", one), Blob("2", two), Blob("c1", ConfigOf(Sha256(one))), Blob("c2", ConfigOf(Sha256(two))),
            File("manifest.json", """[{"Config":"c1","RepoTags":["x:1"],"Layers":["1"]},{"Config":"c2","RepoTags":["docker.io/x:2"],"Layers":["2"]}]"""));

        Show(await AddAsync(archive, "x:2")).ShouldBe(["two=2"]);
        (await Should.ThrowAsync<CodePackageException>(() => AddAsync(archive, "y"))).Message.ShouldContain("x:1");
    }

    [Fact]
    public async Task LayerThatIsALinkToAnother_IsThatOne()
    {
        var layer = Tar(File("a", "x"));
        var archive = Tar(Link("2/layer.tar", "../1/layer.tar"), Blob("1/layer.tar", layer), Blob("c", ConfigOf(Sha256(layer))), File("manifest.json", """[{"Config":"c","Layers":["2/layer.tar"]}]"""));

        Show(await AddAsync(archive)).ShouldBe(["a=x"]);
    }

    private static byte[] ConfigOf(string layer) => Encoding.UTF8.GetBytes("""{"rootfs":{"diff_ids":["sha256:""" + layer + "\"]}}");

    private static byte[] Many(int layers)
    {
        var image = new TestImage();
        for (var i = 0; i < layers; i++)
        {
            image.Layer(File("a", "x"));
        }

        return image.Docker();
    }

    private Task<ContainerImage> AddAsync(byte[] archive, string name = "test") => _images.AddAsync(ImageReference.Parse(name)!, new MemoryStream(archive), default);

    private string Place(ContainerImage image, string path) => Path.Combine(_packages.TreeOf(image.Tree), path);

    private List<string> Show(ContainerImage image) => [.. Show(new DirectoryInfo(_packages.TreeOf(image.Tree)), "").Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Show(DirectoryInfo folder, string prefix) => folder.EnumerateFileSystemInfos().SelectMany(entry => entry switch
    {
        { LinkTarget: { } target } => [$"{prefix}{entry.Name} -> {target}"],
        DirectoryInfo below => Show(below, $"{prefix}{entry.Name}/"),
        _ => [$"{prefix}{entry.Name}={System.IO.File.ReadAllText(entry.FullName)}"],
    });
}
