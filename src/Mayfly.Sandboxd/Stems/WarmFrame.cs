using System.Runtime.InteropServices;
using System.Text;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Stems;

/// <summary>The frame by which a stem says that it waits; <c>docs/paths/frames.md</c> is the contract.</summary>
internal static class WarmFrame
{
    private const int HeaderSize = 9;
    private const byte Type = 24;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Waits until a stem is warmed up.</summary>
    /// <param name="tools">What waits.</param>
    /// <param name="ends">What connects it with the server.</param>
    /// <param name="cancellationToken">Nobody wants it any more.</param>
    /// <returns>The server's end of its frame socket.</returns>
    /// <exception cref="StartRefusedException">It ended, said something else, or took too long.</exception>
    internal static async Task<SafeHandle> AwaitAsync(LaunchTools tools, SandboxEnds ends, CancellationToken cancellationToken)
    {
        var channel = ends[PassedDescriptor.Channel];
        var readable = tools.Reaper.ReadableAsync(channel);
        try
        {
            await readable.WaitAsync(Limit, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            throw new StartRefusedException($"A stem did not warm up: {e.Message}");
        }

        // What is that short comes in one piece.
        var header = new byte[HeaderSize];
        if (LibC.ReadSome(channel, header) <= 0)
        {
            throw new StartRefusedException($"A stem ended while it warmed up: {LastWords(ends)}");
        }

        // Length 0, slot 0.
        if (header.Where((value, index) => value != (index == sizeof(int) ? Type : 0)).Any())
        {
            throw new StartRefusedException("A stem said something else than that it is warm.");
        }

        return channel;
    }

    private static string LastWords(SandboxEnds ends)
    {
        Span<byte> text = stackalloc byte[2048];
        return Encoding.UTF8.GetString(text[..Math.Max(0, LibC.ReadSome(ends[PassedDescriptor.Output], text))]).Trim();
    }
}
