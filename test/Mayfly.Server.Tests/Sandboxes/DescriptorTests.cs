namespace Mayfly.Server.Tests.Sandboxes;

/// <summary>Alone in this process: descriptors that other tests open here to be inherited would be inherited.</summary>
[Collection(nameof(DescriptorTests))]
public sealed class DescriptorTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    [Fact]
    public async Task Program_has_no_descriptors_but_its_own()
    {
        var (_, output) = await fixture.FinishAsync(SandboxFixture.Shell("for f in /proc/self/fd/*; do echo ${f##*/}; done") with { Channel = true });

        // 4 or 255 is the shell's own for the moment of listing.
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Except(["4", "255"]).ShouldBe(["0", "1", "2", "3"]);
    }

    [CollectionDefinition(nameof(DescriptorTests), DisableParallelization = true)]
    public sealed class Alone;
}
