using System.Net.Sockets;
using System.Runtime.InteropServices;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Stems;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd;

/// <summary>The process that starts sandboxes for one server at a time. It speaks no HTTP and reads no data of users.</summary>
public sealed class SandboxdServer
{
    /// <summary>The name of the socket in the store folder.</summary>
    public const string SocketName = "sandboxd.sock";

    private const uint AllButOwner = 0x3F; // ---rwxrwx
    private readonly SandboxdOptions _options;
    private readonly TimeProvider _time;

    internal SandboxdServer(SandboxdOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <summary>The only kind of sandbox to use; <see langword="null"/> for the best that works.</summary>
    internal string? OnlyKind { get; init; }

    /// <summary>Runs until it is cancelled; the role that starts it watches the parent. The working folder is the store.</summary>
    /// <returns>The exit status of the process.</returns>
    public static async Task<int> RunAsync(SandboxdOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        LibC.SetCloseOnExecOnAll();
        try
        {
            await new SandboxdServer(options, TimeProvider.System).ServeAsync(cancellationToken);
            return 0;
        }
        catch (SocketException e)
        {
            await Console.Error.WriteLineAsync($"sandboxd: {SocketName} cannot be listened on: {e.Message}");
            return 1;
        }
    }

    /// <summary>Listens and serves one server after another.</summary>
    internal async Task ServeAsync(CancellationToken cancellationToken)
    {
        using var tools = new LaunchTools(new StateFolders(_options.StateFolder), new Cgroups(CgroupPlace.OfThisMachine()));
        var missing = new List<string>();
        var launcher = await SandboxKinds.PickAsync(tools, OnlyKind, missing, cancellationToken);
        if (tools.Cgroups.Missing is { } lacking)
        {
            missing.Add(lacking);
        }

        if (launcher is PlainLauncher && SandboxRightsProbe.OfThisProcess() == SandboxRights.Root)
        {
            missing.Add("functions run as root: nothing else is possible without a sandbox. Start Mayfly as an ordinary user until the cause above is mended");
        }

        var cgroup = tools.Cgroups.Version switch { CgroupVersion.V1 => "v1", CgroupVersion.V2 => "v2", CgroupVersion.None => "none" };
        var hello = new HelloMessage(launcher.Kind, cgroup, missing, tools.Networks.EgressMissing);
        using var assigner = new StemAssigner(tools);
        using var listener = Listen();
        while (!cancellationToken.IsCancellationRequested)
        {
            Socket accepted;
            try
            {
                accepted = await listener.AcceptAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (PeerUid(accepted) != AllowedUid)
            {
                accepted.Dispose();
                continue;
            }

            using var socket = new MessageSocket(accepted);
            var stems = new StemPools(launcher as BubblewrapLauncher, tools, _time);
            using var stop = cancellationToken.Register(socket.Dispose);
            await Task.Factory.StartNew(
                new ServerConnection(socket, new SandboxStarter(launcher, stems, assigner, new(tools), tools.Cgroups.ExpectMoves, _time), stems, hello, _time).Serve, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    private uint AllowedUid => _options.ServerUid ?? LibC.GetEffectiveUser();

    private static uint PeerUid(Socket socket)
    {
        const int socketLevel = 1;
        const int peerCredentials = 17;
        Span<uint> credentials = stackalloc uint[3];
        socket.GetRawSocketOption(socketLevel, peerCredentials, MemoryMarshal.AsBytes(credentials));
        return credentials[1];
    }

    /// <summary>Binds by a short relative name where the working folder is the store, because a socket's path may have 107 bytes only.</summary>
    private Socket Listen()
    {
        var store = Path.Combine(_options.StateFolder, "store");
        var path = Environment.CurrentDirectory == store ? SocketName : Path.Combine(store, SocketName);
        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // The folder is the server's, so the path may become a link at any moment: no call here follows one.
            var mask = LibC.SetFileMask(AllButOwner);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            LibC.SetFileMask(mask);
            if (_options.ServerUid is { } uid && uid != LibC.GetEffectiveUser())
            {
                LibC.Check(LibC.ChangeOwnerNoFollow(path, uid, uid), "The socket could not be given to the server");
            }

            socket.Listen(4);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
