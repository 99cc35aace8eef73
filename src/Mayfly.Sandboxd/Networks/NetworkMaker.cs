using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Networks;

/// <summary>Makes networks on a thread of its own, which leaves each namespace behind by making the next.</summary>
/// <param name="egress">What gives networks a way out.</param>
internal sealed class NetworkMaker(EgressGround egress) : IDisposable
{
    private const int RuntimeApiPort = 9001;
    private const int DoorsPort = 4566;
    private readonly SpawnerThread _thread = new("networks");

    /// <summary>Makes one; <see langword="null"/> where this process may not, and bubblewrap has to.</summary>
    /// <exception cref="StartRefusedException">There is no way out on this machine.</exception>
    internal async Task<SandboxNetwork?> MakeAsync(SandboxNetworkMode mode)
    {
        // Neither on the path of who took the one before, nor in another network than the machine's.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var relaysNames = false;
        if (mode == SandboxNetworkMode.Egress)
        {
            egress.Prepare();
            relaysNames = MachineResolver.Current.IsRelayed;
        }

        return await _thread.RunAsync(() => Make(mode, relaysNames));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // What is being made is done before the machine's own settings are put back.
        _thread.RunAsync(static () => 0).GetAwaiter().GetResult();
        _thread.Dispose();
    }

    private SandboxNetwork? Make(SandboxNetworkMode mode, bool relaysNames)
    {
        if (NetworkNamespace.TryMake() is not { } made)
        {
            return null;
        }

        var opened = new List<IDisposable> { made };
        try
        {
            if (mode == SandboxNetworkMode.Egress)
            {
                egress.Connect(made);
            }

            var runtimeApi = NetworkNamespace.Listen(new IPEndPoint(IPAddress.Loopback, RuntimeApiPort));
            opened.Add(runtimeApi);
            var doors = NetworkNamespace.Listen(new IPEndPoint(IPAddress.Loopback, DoorsPort));
            opened.Add(doors);
            return new SandboxNetwork
            {
                Namespace = made,
                RuntimeApi = runtimeApi,
                Doors = doors,
                Names = relaysNames ? NameSockets.Open() : null,
            };
        }
        catch (Exception e)
        {
            opened.ForEach(o => o.Dispose());
            throw e is Win32Exception or SocketException ? new StartRefusedException($"The network of a sandbox could not be made: {e.Message}") : e;
        }
    }
}
