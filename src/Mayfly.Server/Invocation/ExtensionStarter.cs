using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Mayfly.Server.Invocation;

/// <summary>Talks to <c>shims/extensions/init.sh</c>, which starts the extensions and the runtime of an instance and says how they ended.</summary>
/// <param name="control">The socket that is descriptor 5 inside.</param>
internal sealed class ExtensionStarter(Socket control) : IDisposable
{
    private const int MostBytes = 256;

    /// <summary>Starts to listen.</summary>
    /// <param name="extensionExited">Gets an extension's number and its exit status, 128 + n for a signal n.</param>
    /// <param name="runtimeExited">Gets the runtime's.</param>
    internal void Begin(Action<int, int> extensionExited, Action<int> runtimeExited) => _ = ReadAsync(extensionExited, runtimeExited);

    /// <summary>Starts the runtime.</summary>
    internal void Run() => Send("run\n"u8);

    /// <summary>Asks the runtime to end.</summary>
    internal void Terminate() => Send("term\n"u8);

    /// <summary>Kills the runtime.</summary>
    internal void Kill() => Send("kill\n"u8);

    public void Dispose() => control.Dispose();

    private void Send(ReadOnlySpan<byte> order)
    {
        try
        {
            control.Send(order);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The sandbox has ended, which it says itself.
        }
    }

    // The other side runs in the sandbox: a line that is none of ours is passed over, and one without an end ends the talk.
    private async Task ReadAsync(Action<int, int> extensionExited, Action<int> runtimeExited)
    {
        var bytes = new byte[MostBytes];
        var filled = 0;
        try
        {
            while (filled < bytes.Length)
            {
                var read = await control.ReceiveAsync(bytes.AsMemory(filled), SocketFlags.None);
                if (read == 0)
                {
                    return;
                }

                filled += read;
                for (int end; (end = bytes.AsSpan(0, filled).IndexOf((byte)'\n')) >= 0;)
                {
                    switch (Encoding.ASCII.GetString(bytes, 0, end).Split(' '))
                    {
                        case ["extension", var number, var status] when TryParse(number, out var which) && TryParse(status, out var code):
                            extensionExited(which, code);
                            break;
                        case ["runtime", var status] when TryParse(status, out var code):
                            runtimeExited(code);
                            break;
                    }

                    bytes.AsSpan(end + 1, filled - end - 1).CopyTo(bytes);
                    filled -= end + 1;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The sandbox has ended, which it says itself.
        }
    }

    private static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
