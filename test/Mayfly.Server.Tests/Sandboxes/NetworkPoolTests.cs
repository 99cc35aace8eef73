using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Networks;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Server.Tests.Sandboxes;

/// <summary>Networks that are made before anybody asks.</summary>
public sealed class NetworkPoolTests
{
    [Fact]
    public async Task Machine_s_own_network_is_nothing_to_take()
    {
        using var pool = new NetworkPool();
        (await pool.TakeAsync(SandboxNetworkMode.Host, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Every_network_is_another()
    {
        using var pool = new NetworkPool();
        var taken = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => pool.TakeAsync(SandboxNetworkMode.None, default)));
        Assert.SkipWhen(taken[0] is null, "this user may make no network namespaces");
        try
        {
            taken.Select(network => File.ResolveLinkTarget(LibC.PathOf(network!.Namespace), returnFinalTarget: false)!.Name).Distinct().Count().ShouldBe(40);
            taken.ShouldAllBe(network => network!.RuntimeApi.LocalEndPoint!.ToString() == "127.0.0.1:9001" && network.Doors.LocalEndPoint!.ToString() == "127.0.0.1:4566");
        }
        finally
        {
            Array.ForEach(taken, network => network!.Dispose());
        }
    }

    [Fact]
    public async Task Way_out_that_cannot_be_is_refused()
    {
        using var pool = new NetworkPool();
        Assert.SkipWhen(pool.EgressMissing is null, "this machine has networks with a way out");
        (await Should.ThrowAsync<StartRefusedException>(() => pool.TakeAsync(SandboxNetworkMode.Egress, default))).Message.ShouldBe(pool.EgressMissing);
    }

    [Fact]
    public async Task One_who_gives_up_takes_nothing_from_the_next()
    {
        using var pool = new NetworkPool();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => pool.TakeAsync(SandboxNetworkMode.None, cancelled.Token));
        using var next = await pool.TakeAsync(SandboxNetworkMode.None, default).WaitAsync(TimeSpan.FromSeconds(20));
    }
}
