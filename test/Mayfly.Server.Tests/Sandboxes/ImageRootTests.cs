using System.Runtime.Versioning;
using Mayfly.Sandboxd;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Sandboxes;

namespace Mayfly.Server.Tests.Sandboxes;

/// <summary>A sandbox whose root is an image's tree, not the machine's folders. The images are made of the machine's shell and its libraries.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ImageRootTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly string[] Tools = ["/bin/sh", "/bin/cat", "/bin/ls", "/usr/bin/id", "/usr/bin/env"];

    private readonly string _hash = Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");

    private string Tree => Path.Combine(fixture.State, "store", "code", _hash);

    [Fact]
    public async Task Root_IsTheImageAlone()
    {
        fixture.NeedsWalls();
        await MakeTreeAsync();
        File.WriteAllText(Path.Combine(Tree, "hello"), "from the image\n");
        Directory.CreateDirectory(Path.Combine(Tree, "etc", "app"));
        File.WriteAllText(Path.Combine(Tree, "etc", "app", "settings"), "of the image\n");
        File.WriteAllText(Path.Combine(Tree, "etc", "passwd"), "of the image\n");
        File.CreateSymbolicLink(Path.Combine(Tree, "alias"), "hello");
        File.CreateSymbolicLink(Path.Combine(Tree, "etc", "near"), "../hello");
        File.CreateSymbolicLink(Path.Combine(Tree, "etc", "app", "far"), "../../hello");

        var (exit, output) = await RunAsync("cat /alias /etc/app/settings /etc/near /etc/app/far; ls -a /; ls /etc; ls /usr; cat /etc/passwd; cat .place");

        exit.ExitCode.ShouldBe(0, output);
        var lines = output.Split('\n');
        lines[..4].ShouldBe(["from the image", "of the image", "from the image", "from the image"]);
        output.ShouldContain("alias\n");
        output.ShouldNotContain("\nhome\n");
        output.ShouldNotContain("\nroot\n");
        lines.ShouldContain("app");
        lines.ShouldNotContain("ssl");
        output.ShouldContain("sbx_user");
        lines[^2].ShouldBe("in the folder");
    }

    [Fact]
    public async Task Program_HasNoRights_AndCanWriteNothingButTmp()
    {
        fixture.NeedsWalls();
        await MakeTreeAsync();

        var (exit, output) = await RunAsync("id -u; cat /proc/self/status; for f in /x /usr/x /etc/x /etc/passwd /.mayfly/x /dev/x; do (echo x > $f) 2>/dev/null && echo \"wrote $f\"; done; echo x > /tmp/x && cat /tmp/x; ls /.mayfly 2>&1; true");

        exit.ExitCode.ShouldBe(0, output);
        var uid = int.Parse(output.Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
        uid.ShouldBe(SandboxRightsProbe.OfThisProcess() == SandboxRights.Root ? Math.Max(uid, SandboxUsers.First) : SandboxRightsProbe.InnerUid);
        foreach (var set in (string[])["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
        {
            output.ShouldContain($"{set}:\t0000000000000000");
        }

        output.ShouldContain("NoNewPrivs:\t1");
        output.ShouldContain("Seccomp:\t2");
        output.ShouldNotContain("wrote");
        output.ShouldContain("\nx\n");
        if (SandboxRightsProbe.OfThisProcess() == SandboxRights.Root)
        {
            output.ShouldContain("ermission denied");
        }
    }

    [Fact]
    public async Task LinksInPlaceOfOurOwnFolders_AreNotFollowed()
    {
        fixture.NeedsWalls();
        await MakeTreeAsync();
        Directory.Delete(Path.Combine(Tree, "tmp"));
        var outside = Directory.CreateTempSubdirectory("mayfly-outside-");
        foreach (var name in (string[])["etc", "tmp", "proc", "dev", ".mayfly"])
        {
            File.CreateSymbolicLink(Path.Combine(Tree, name), "../oldroot" + outside.FullName);
        }

        var (exit, output) = await RunAsync("cat /etc/hosts; ls /etc /tmp");

        exit.ExitCode.ShouldBe(0, output);
        output.ShouldContain("sandbox.localdomain");
        outside.EnumerateFileSystemInfos().ShouldBeEmpty();
        outside.Delete();
    }

    [Theory]
    [InlineData("LD_PRELOAD", "/evil/libcap-ng.so.0")]
    [InlineData("LD_LIBRARY_PATH", "/evil")]
    [InlineData("LD_AUDIT", "/evil/libcap-ng.so.0")]
    public async Task LibrariesOfTheImage_AreNotLoadedIntoWhatDropsRights(string variable, string value)
    {
        fixture.NeedsWalls();
        await MakeTreeAsync();
        WriteBrokenLibraries(Path.Combine(Tree, "evil"));
        Directory.CreateDirectory(Path.Combine(Tree, "etc"));
        File.WriteAllText(Path.Combine(Tree, "etc", "ld.so.preload"), "/evil/libcap-ng.so.0\n");

        var (exit, output) = await RunAsync("cat /tmp/../alive", (variable, value));

        // What the program itself makes of it is its own affair.
        output.ShouldNotContain("setpriv");
        output.ShouldNotContain("prlimit");
        (output.Contains("alive", StringComparison.Ordinal) || output.Contains("sh: ", StringComparison.Ordinal) || exit.ExitCode == 127).ShouldBeTrue(output);
    }

    [Fact]
    public async Task LibrariesOfTheCode_AreNotLoadedIntoWhatDropsRights()
    {
        fixture.NeedsWalls();
        WriteBrokenLibraries(Path.Combine(Tree, "lib"), "libcap-ng.so.0", "libsmartcols.so.1");
        var spec = SandboxFixture.Shell("echo alive; echo $LD_LIBRARY_PATH") with { CodeSha256 = _hash };
        spec = spec with { Environment = new Dictionary<string, string>(spec.Environment) { ["LD_LIBRARY_PATH"] = "/var/task/lib" } };

        var (_, output) = await fixture.FinishAsync(spec);

        output.ShouldBe("alive\n/var/task/lib\n");
    }

    [Fact]
    public async Task ImageWithMoreThanItself_IsRefused()
    {
        await Should.ThrowAsync<SandboxException>(() => fixture.Client.StartAsync(SandboxFixture.Shell("true") with { CodeIsRoot = true, Shim = "probe" }, default));
        await Should.ThrowAsync<SandboxException>(() => fixture.Client.StartAsync(SandboxFixture.Shell("true") with { CodeIsRoot = true, LayersSha256 = SandboxFixture.Hash }, default));
        await Should.ThrowAsync<SandboxException>(() => fixture.Client.StartAsync(SandboxFixture.Shell("true") with { Folder = "relative" }, default));
    }

    private Task<(SandboxExit Exit, string Output)> RunAsync(string script, params (string Name, string Value)[] environment)
    {
        var all = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" };
        foreach (var (name, value) in environment)
        {
            all[name] = value;
        }

        return fixture.FinishAsync(SandboxFixture.Run("/bin/sh", "-c", script) with { CodeSha256 = _hash, CodeIsRoot = true, Folder = "/work", Environment = all });
    }

    private static void WriteBrokenLibraries(string folder, params string[] names)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in names.Length > 0 ? names : ["libcap-ng.so.0", "libsmartcols.so.1", "libc.so.6"])
        {
            File.WriteAllText(Path.Combine(folder, name), "no library at all\n");
        }
    }

    private async Task MakeTreeAsync()
    {
        foreach (var tool in Tools)
        {
            Copy(tool);
            using var listing = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(tool) { UseShellExecute = false, RedirectStandardOutput = true, Environment = { ["LD_TRACE_LOADED_OBJECTS"] = "1" } })!;
            foreach (var word in (await listing.StandardOutput.ReadToEndAsync()).Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries).Where(static word => word.StartsWith('/')))
            {
                Copy(word);
            }
        }

        File.WriteAllText(Path.Combine(Tree, "alive"), "alive\n");
        Directory.CreateDirectory(Path.Combine(Tree, "tmp"));
        Directory.CreateDirectory(Path.Combine(Tree, "work"));
        File.WriteAllText(Path.Combine(Tree, "work", ".place"), "in the folder\n");
    }

    private void Copy(string path)
    {
        var copy = Tree + path;
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        if (!File.Exists(copy))
        {
            File.Copy(path, copy);
        }
    }
}
