using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Networks;

/// <summary>
/// A network namespace that nobody has used yet, with the platform's listeners inside. It lasts as long as somebody holds
/// one of its descriptors or runs in it; then the kernel takes it and its interfaces away.
/// </summary>
internal sealed class SandboxNetwork : IDisposable
{
    /// <summary>The namespace: what <c>setns</c> takes.</summary>
    internal required SafeFileHandle Namespace { get; init; }

    /// <summary>Listens on <c>127.0.0.1:9001</c> inside.</summary>
    internal required Socket RuntimeApi { get; init; }

    /// <summary>Listens on <c>127.0.0.1:4566</c> inside.</summary>
    internal required Socket Doors { get; init; }

    /// <summary>Where questions for names arrive that have to be asked on the outside; <see langword="null"/> where the sandbox asks name servers itself, or none.</summary>
    internal NameSockets? Names { get; init; }

    /// <summary>Closes what this process holds of it.</summary>
    public void Dispose()
    {
        Namespace.Dispose();
        RuntimeApi.Dispose();
        Doors.Dispose();
        Names?.Dispose();
    }
}
