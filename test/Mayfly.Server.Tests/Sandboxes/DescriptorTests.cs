using System.Net.Sockets;
using System.Text;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Sandboxes;

namespace Mayfly.Server.Tests.Sandboxes;

/// <summary>Alone in this process, where sandboxd and its client live together: what other tests open and close here would be seen.</summary>
[Collection(nameof(Alone))]
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
        var spec = SandboxFixture.Shell("exec 4<>/dev/tcp/127.0.0.1/9001; echo hello >&4; cat <&4") with { Network = SandboxNetworkMode.None };
        await using var sandbox = await fixture.Client.StartAsync(spec, default).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.SkipWhen(sandbox.Listener is null, "sandboxd can make no networks: it is neither root nor in a user namespace of its own");
        sandbox.Doors.ShouldNotBeNull();
        using var accepted = await sandbox.Listener.AcceptAsync().WaitAsync(TimeSpan.FromSeconds(10));
        var bytes = new byte[16];
        var count = await accepted.ReceiveAsync(bytes.AsMemory()).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Encoding.ASCII.GetString(bytes, 0, count).ShouldBe("hello\n");
        await accepted.SendAsync("bye\n"u8.ToArray());
        accepted.Shutdown(SocketShutdown.Both);
        (await SandboxFixture.ReadToEndAsync(sandbox)).ShouldBe("bye\n");
    }

    [Fact]
    public async Task Port_in_a_private_network_is_reached_by_dialling()
    {
        fixture.NeedsWalls();
        const string program = "import socket; s = socket.create_server(('127.0.0.1', 8000)); print('up', flush=True); c = s.accept()[0]; c.sendall(b'hello'); c.close()";
        await using var sandbox = await fixture.Client.StartAsync(SandboxFixture.Run("/usr/bin/python3", "-c", program) with { Network = SandboxNetworkMode.None }, default);
        Assert.SkipWhen(sandbox.Listener is null, "sandboxd can make no networks: it is neither root nor in a user namespace of its own");
        await SandboxFixture.ReadToEndAsync(sandbox, until: "up\n");

        await Should.ThrowAsync<SocketException>(() => sandbox.ConnectAsync(8001, default));
        using var connection = await sandbox.ConnectAsync(8000, default).WaitAsync(TimeSpan.FromSeconds(10));
        var bytes = new byte[16];
        var count = await connection.ReceiveAsync(bytes.AsMemory()).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        Encoding.ASCII.GetString(bytes, 0, count).ShouldBe("hello");

        await sandbox.Exited.WaitAsync(TimeSpan.FromSeconds(10));
        await Should.ThrowAsync<SocketException>(() => sandbox.ConnectAsync(8000, default).WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Way_out_is_refused_with_the_remedy_where_there_is_none()
    {
        Assert.SkipWhen(fixture.Hello.EgressMissing is null, "this machine has networks with a way out");
        var refusal = await Should.ThrowAsync<SandboxException>(() => fixture.Client.StartAsync(SandboxFixture.Shell("true") with { Network = SandboxNetworkMode.Egress }, default));
        refusal.Message.ShouldBe(fixture.Hello.EgressMissing);
        refusal.Message.ShouldContain("To mend it");
    }
}
