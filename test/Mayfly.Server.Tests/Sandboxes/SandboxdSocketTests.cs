using System.Net.Sockets;
using Mayfly.Sandboxd;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Server.Tests.Sandboxes;

public sealed class SandboxdSocketTests
{
    [Fact]
    public async Task Another_user_than_the_server_is_turned_away()
    {
        if (LibC.GetEffectiveUser() != 0 || !File.ReadAllText("/proc/self/uid_map").Contains("4294967295"))
        {
            Assert.Skip("only root can give the socket to another user");
        }

        var state = Directory.CreateTempSubdirectory("mayfly-socket-").FullName;
        using var stopping = new CancellationTokenSource();
        try
        {
            var store = Directory.CreateDirectory(Path.Combine(state, "store")).FullName;
            var serving = new SandboxdServer(new SandboxdOptions(state, ServerUid: 1_900_000_000), TimeProvider.System).ServeAsync(stopping.Token);
            var path = Path.Combine(store, SandboxdServer.SocketName);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            while (!socket.Connected)
            {
                serving.IsCompleted.ShouldBeFalse();
                try
                {
                    socket.Connect(new UnixDomainSocketEndPoint(path));
                }
                catch (SocketException)
                {
                    await Task.Delay(10);
                }
            }

            (File.GetUnixFileMode(path) & (UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)).ShouldBe(UnixFileMode.None);
            using var messages = new MessageSocket(socket);
            messages.Receive(out _).ShouldBeNull();
            await stopping.CancelAsync();
            await serving;
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }
}
