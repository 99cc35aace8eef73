using System.Net.Sockets;
using System.Text;
using Mayfly.Server.Sandboxes;

namespace Mayfly.Server.Tests.Sandboxes;

/// <summary>Alone in this process, where sandboxd and its client live together: what other tests open and close here would be seen.</summary>
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

    [Fact]
    public async Task Listener_of_a_private_network_is_reached_from_inside_only()
    {
        fixture.NeedsWalls();
        var spec = SandboxFixture.Shell("exec 4<>/dev/tcp/127.0.0.1/9001; echo hello >&4; cat <&4") with { PrivateNetwork = true, RuntimeApiListener = true };
        Sandbox sandbox;
        try
        {
            sandbox = await fixture.Client.StartAsync(spec, default).WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (SandboxException e) when (e.Message.Contains("user namespace"))
        {
            Assert.Skip(e.Message);
            return;
        }

        await using var ended = sandbox;
        using var accepted = await sandbox.Listener.ShouldNotBeNull().AcceptAsync().WaitAsync(TimeSpan.FromSeconds(10));
        var bytes = new byte[16];
        var count = await accepted.ReceiveAsync(bytes.AsMemory()).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Encoding.ASCII.GetString(bytes, 0, count).ShouldBe("hello\n");
        await accepted.SendAsync("bye\n"u8.ToArray());
        accepted.Shutdown(SocketShutdown.Both);
        (await SandboxFixture.ReadToEndAsync(sandbox)).ShouldBe("bye\n");
    }

    [CollectionDefinition(nameof(DescriptorTests), DisableParallelization = true)]
    public sealed class Alone;
}
