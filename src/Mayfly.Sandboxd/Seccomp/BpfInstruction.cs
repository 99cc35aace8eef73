using System.Runtime.InteropServices;

namespace Mayfly.Sandboxd.Seccomp;

/// <summary>One instruction of a classic BPF program, as the kernel reads it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct BpfInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Value)
{
    internal const ushort LoadWord = 0x20;
    internal const ushort Jump = 0x05;
    internal const ushort JumpEqual = 0x15;
    internal const ushort JumpAtLeast = 0x35;
    internal const ushort JumpAnyBit = 0x45;
    internal const ushort Return = 0x06;

    internal static BpfInstruction Load(uint offset) => new(LoadWord, 0, 0, offset);

    internal static BpfInstruction Give(uint verdict) => new(Return, 0, 0, verdict);
}
