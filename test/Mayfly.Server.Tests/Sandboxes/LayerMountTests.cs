using System.Runtime.Versioning;
using System.Text.Json;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Sandboxes;

namespace Mayfly.Server.Tests.Sandboxes;

[UnsupportedOSPlatform("windows")]
public sealed class LayerMountTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Look = "cd /opt; cat bootstrap bin/tool alias lib/deep/d; for p in new bin/new lib/deep/new; do (echo x > $p) 2>/dev/null && echo wrote $p; done; true";

    private readonly string _hash = Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Layers_AreSeenAtOpt_AndCannotBeWritten()
    {
        fixture.NeedsWalls();
        Write();
        var (exit, output) = await fixture.FinishAsync(SandboxFixture.Shell(Look) with { LayersSha256 = _hash });
        output.ShouldBe("boot\ntool\ntool\ndeep\n");
        exit.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task InterpreterBelowOpt_IsSeenBesideTheLayers()
    {
        fixture.NeedsWalls();
        var name = "mayfly-test-" + Guid.NewGuid().ToString("N");
        var interpreter = $"/opt/{name}/lib/3.9";
        try
        {
            Directory.CreateDirectory(interpreter);
        }
        catch (UnauthorizedAccessException)
        {
            Assert.Skip("needs to write to /opt");
        }

        try
        {
            await File.WriteAllTextAsync(interpreter + "/real", "interpreter\n");
            await File.WriteAllTextAsync(Path.Combine(fixture.State, "prepared", "interpreters.json"), JsonSerializer.Serialize(new[] { new { mounts = new[] { interpreter } } }));
            var tree = Write();
            Directory.CreateDirectory(Path.Combine(tree, name, "lib", "3.9"));
            await File.WriteAllTextAsync(Path.Combine(tree, name, "lib", "3.9", "real"), "layer\n");
            await File.WriteAllTextAsync(Path.Combine(tree, name, "own"), "own\n");
            await File.WriteAllTextAsync(Path.Combine(tree, name, "lib", "own"), "lib\n");

            var (exit, output) = await fixture.FinishAsync(SandboxFixture.Shell($"{Look}; cat {name}/own {name}/lib/own {interpreter}/real; (echo x > {name}/new) 2>/dev/null && echo wrote; true") with
            {
                LayersSha256 = _hash,
                Mounts = [interpreter],
            });
            output.ShouldBe("boot\ntool\ntool\ndeep\nown\nlib\ninterpreter\n");
            exit.ExitCode.ShouldBe(0);
        }
        finally
        {
            Directory.Delete("/opt/" + name, recursive: true);
        }
    }

    [Fact]
    public async Task LinkInPlaceOfTheTree_IsRefused()
    {
        fixture.NeedsWalls();
        if (SandboxRightsProbe.OfThisProcess() == SandboxRights.Root)
        {
            Directory.CreateSymbolicLink(Path.Combine(fixture.State, "store", "code", _hash), "/etc");
            await Should.ThrowAsync<SandboxException>(() => fixture.Client.StartAsync(SandboxFixture.Shell("true") with { LayersSha256 = _hash }, default));
        }
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task LayersThatAreNoTree_AreRefused(string name) =>
        await Should.ThrowAsync<SandboxException>(() => fixture.Client.StartAsync(SandboxFixture.Shell("true") with { LayersSha256 = name }, default));

    private string Write()
    {
        var tree = Path.Combine(fixture.State, "store", "code", _hash);
        Directory.CreateDirectory(Path.Combine(tree, "bin"));
        Directory.CreateDirectory(Path.Combine(tree, "lib", "deep"));
        File.WriteAllText(Path.Combine(tree, "bootstrap"), "boot\n");
        File.WriteAllText(Path.Combine(tree, "bin", "tool"), "tool\n");
        File.WriteAllText(Path.Combine(tree, "lib", "deep", "d"), "deep\n");
        File.CreateSymbolicLink(Path.Combine(tree, "alias"), "bin/tool");
        return tree;
    }
}
