namespace Mayfly.Server.Protocol;

/// <summary>The frames of docs/paths/frames.md.</summary>
public enum FrameType : byte
{
    /// <summary>Server to shim: run this.</summary>
    Invoke = 1,

    /// <summary>Server to shim: end.</summary>
    Stop = 2,

    /// <summary>Server to shim: this many more bytes may be streamed.</summary>
    StreamWindow = 3,

    /// <summary>Server to shim: the next frame is likely to follow the next answer at once.</summary>
    Poll = 5,

    /// <summary>Shim to server: initialised, all slots are parked.</summary>
    Ready = 16,

    /// <summary>Shim to server: cannot initialise.</summary>
    InitError = 17,

    /// <summary>Shim to server: a result.</summary>
    Response = 18,

    /// <summary>Shim to server: an error object.</summary>
    Error = 19,

    /// <summary>Shim to server: a streamed result begins.</summary>
    StreamBegin = 20,

    /// <summary>Shim to server: bytes of a streamed result.</summary>
    StreamChunk = 21,

    /// <summary>Shim to server: a streamed result ends, well when empty, else with an error object.</summary>
    StreamEnd = 22,

    /// <summary>Shim to server: an error object, and the instance ends with it.</summary>
    Fatal = 23,

    /// <summary>Shim to server: initialised, and can be forked when empty; else with the reason why it cannot.</summary>
    Template = 25,
}
