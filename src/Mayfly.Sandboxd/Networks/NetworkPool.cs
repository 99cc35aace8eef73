using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Networks;

/// <summary>Networks that were made before anybody needs them. Each is used by one sandbox and by no other after it.</summary>
internal sealed class NetworkPool : IDisposable
{
    /// <summary>How many lie ready of a mode that was asked for once.</summary>
    private const int Spare = 16;

    private readonly EgressGround _egress = new();
    private readonly NetworkMaker _maker;
    private readonly Shelf<SandboxNetwork?> _none;
    private readonly Shelf<SandboxNetwork?> _open;

    internal NetworkPool()
    {
        _maker = new(_egress);
        _none = new(() => _maker.MakeAsync(SandboxNetworkMode.None), Discard, Spare);
        _open = new(() => _maker.MakeAsync(SandboxNetworkMode.Egress), Discard, Spare);
    }

    /// <summary>Why there is no network with a way out on this machine, with the remedy; <see langword="null"/> when there is.</summary>
    internal string? EgressMissing => _egress.Missing;

    /// <summary>Takes a network, which is the caller's to dispose.</summary>
    /// <returns><see langword="null"/> on the machine's own network, and where this process may make none: then bubblewrap has to, and there are no listeners.</returns>
    /// <exception cref="StartRefusedException">There is no such network on this machine.</exception>
    internal Task<SandboxNetwork?> TakeAsync(SandboxNetworkMode mode, CancellationToken cancellationToken) => mode switch
    {
        SandboxNetworkMode.Host => Task.FromResult<SandboxNetwork?>(null),
        SandboxNetworkMode.None => _none.TakeAsync(cancellationToken),
        SandboxNetworkMode.Egress => TakeOpenAsync(cancellationToken),
    };

    private async Task<SandboxNetwork?> TakeOpenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var taken = await _open.TakeAsync(cancellationToken);
            if (taken is null || MachineResolver.Current.IsRelayed == taken.Names is not null)
            {
                return taken;
            }

            // Made before the machine went to other name servers.
            taken.Dispose();
        }
    }

    /// <summary>Takes away what was made, and puts the machine's settings back.</summary>
    public void Dispose()
    {
        _ = _none.CloseAsync();
        _ = _open.CloseAsync();
        _maker.Dispose();
        _egress.Dispose();
    }

    private static Task Discard(SandboxNetwork? network)
    {
        network?.Dispose();
        return Task.CompletedTask;
    }
}
