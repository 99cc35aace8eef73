using System.Net;
using System.Net.Sockets;

namespace Mayfly.Server.Sandboxes;

/// <summary>
/// Carries a sandbox's questions for names to the machine's name server and the answers back, unread, where that server
/// is out of the sandbox's reach. It ends when its sockets are closed.
/// </summary>
/// <param name="server">The machine's name server.</param>
internal sealed class NameRelay(IPEndPoint server)
{
    private const int MaxDatagram = 4096;
    private const int Port = 53;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // What a program cannot reach by flooding: more questions than these wait in the socket's own buffer, or get lost as on any network.
    private readonly SemaphoreSlim _underWay = new(32);

    /// <summary>The first name server that <c>resolv.conf</c> names, or the usual one.</summary>
    internal static IPEndPoint OfThisMachine()
    {
        const string settings = "/etc/resolv.conf";
        var named = File.Exists(settings)
            ? File.ReadLines(settings).Select(static line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                .FirstOrDefault(static words => words is ["nameserver", var address, ..] && IPAddress.TryParse(address, out _))
            : null;
        return new(named is null ? IPAddress.Loopback : IPAddress.Parse(named[1]), Port);
    }

    /// <summary>Takes questions over UDP.</summary>
    internal async Task RelayDatagramsAsync(Socket questions)
    {
        var any = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            while (true)
            {
                await _underWay.WaitAsync();
                var question = new byte[MaxDatagram];
                var received = await questions.ReceiveFromAsync(question, any);
                _ = AskAsync(questions, question.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The sandbox has ended.
        }
    }

    /// <summary>Takes questions over TCP.</summary>
    internal async Task RelayConnectionsAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                await _underWay.WaitAsync();
                _ = CarryAsync(await listener.AcceptAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The sandbox has ended.
        }
    }

    private async Task AskAsync(Socket questions, ReadOnlyMemory<byte> question, EndPoint asker)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var outside = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            await outside.ConnectAsync(server, limit.Token);
            await outside.SendAsync(question, limit.Token);
            var answer = new byte[MaxDatagram];
            var length = await outside.ReceiveAsync(answer, limit.Token);
            await questions.SendToAsync(answer.AsMemory(0, length), asker, limit.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The asker asks again, or gives up, as on any network.
        }
        finally
        {
            _underWay.Release();
        }
    }

    private async Task CarryAsync(Socket inside)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var outside = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using (inside)
        {
            try
            {
                await outside.ConnectAsync(server, limit.Token);
                using var asker = new NetworkStream(inside);
                using var answerer = new NetworkStream(outside);
                await Task.WhenAny(asker.CopyToAsync(answerer, limit.Token), answerer.CopyToAsync(asker, limit.Token));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // As above.
            }
            finally
            {
                _underWay.Release();
            }
        }
    }
}
