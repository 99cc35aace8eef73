namespace Mayfly.Server.Extensions;

/// <summary>A program beside the runtime, or a part of it, that follows the life of an instance. Its set's gate guards what changes.</summary>
public sealed class Extension
{
    internal Extension(string name, bool isExternal) => (Name, IsExternal) = (name, isExternal);

    /// <summary>An external one's file name in <c>/opt/extensions</c>; an internal one's own choice.</summary>
    public string Name { get; }

    /// <summary>What it must send with every call after its registration.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>Whether it is a process of its own, which Mayfly started.</summary>
    public bool IsExternal { get; }

    /// <summary>What it asked for.</summary>
    public ExtensionEvents Events { get; internal set; }

    /// <summary>The same in words.</summary>
    public IReadOnlyList<string> EventNames => Events switch
    {
        ExtensionEvents.Invoke => ["INVOKE"],
        ExtensionEvents.Shutdown => ["SHUTDOWN"],
        ExtensionEvents.Invoke | ExtensionEvents.Shutdown => ["INVOKE", "SHUTDOWN"],
        _ => [],
    };

    /// <summary>Where it stands.</summary>
    public ExtensionState State { get; internal set; }

    /// <summary>Its open call for the next event.</summary>
    internal TaskCompletionSource<byte[]>? Waiting { get; set; }

    /// <summary>An event that came while no call was open.</summary>
    internal byte[]? Pending { get; set; }

    /// <summary>Hands an event over, now or with its next call.</summary>
    internal void Deliver(byte[] json)
    {
        if (Waiting is { } waiting)
        {
            Waiting = null;
            waiting.TrySetResult(json);
        }
        else
        {
            Pending = json;
        }
    }
}
