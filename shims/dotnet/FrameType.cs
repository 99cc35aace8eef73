namespace Mayfly.Shims.DotNet;

/// <summary>The frame types of docs/paths/frames.md.</summary>
internal enum FrameType : byte
{
    Invoke = 1,
    Stop = 2,
    Assign = 4,
    Poll = 5,
    Ready = 16,
    InitError = 17,
    Response = 18,
    Error = 19,
    Warm = 24,
}
