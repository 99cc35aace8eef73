using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mayfly.Server.Invocation;

/// <summary>
/// The end of a turn: when the thread that reads the sockets has handled all that they brought this time. It is told by a socket of its own, to which a
/// byte is written: that is read when the others have been.
/// </summary>
internal sealed partial class TurnEnd
{
    private const int Unix = 1;
    private const int StreamCloseOnExec = 0x80001;
    private readonly Lock _gate = new();
    private readonly Socket _bell;
    private readonly Socket _ear;
    private List<FrameSender> _added = [];
    private List<FrameSender> _ending = [];

    private TurnEnd()
    {
        var ends = new int[2];
        if (SocketPair(Unix, StreamCloseOnExec, 0, ends) != 0)
        {
            throw new InvalidOperationException($"socketpair: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        (_bell, _ear) = (new(new SafeSocketHandle(ends[0], ownsHandle: true)), new(new SafeSocketHandle(ends[1], ownsHandle: true)));
        ThreadPool.UnsafeQueueUserWorkItem(static end => _ = end.ListenAsync(), this, preferLocal: false);
    }

    /// <summary>That of the sockets of this process.</summary>
    public static TurnEnd OfProcess { get; } = new();

    /// <summary>Lets a sender send at the end of this turn what it has collected.</summary>
    public void Add(FrameSender sender)
    {
        lock (_gate)
        {
            _added.Add(sender);
            if (_added.Count > 1)
            {
                return;
            }
        }

        _bell.Send([1]);
    }

    private async Task ListenAsync()
    {
        var bytes = new byte[1];
        while (await _ear.ReceiveAsync(bytes.AsMemory(), SocketFlags.None) > 0)
        {
            lock (_gate)
            {
                (_added, _ending) = (_ending, _added);
            }

            foreach (var sender in _ending)
            {
                sender.Release();
            }

            _ending.Clear();
        }
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int domain, int type, int protocol, [Out] int[] ends);
}
