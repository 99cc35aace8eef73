using System.Runtime.InteropServices;

namespace Mayfly.Sandboxd.Seccomp;

/// <summary>The allow list of system calls as a BPF program. It is a search tree over the numbers: about ten steps a call.</summary>
internal static class SeccompProgram
{
    internal const uint AllowCall = 0x7fff0000;
    internal const uint KillProcess = 0x80000000;
    internal const uint NotPermitted = 0x00050000 | 1;
    internal const uint NoSuchCall = 0x00050000 | 38;
    internal const uint NoSuchFamily = 0x00050000 | 97;
    internal const uint AuditX64 = 0xC000003E;
    internal const uint AuditArm64 = 0xC00000B7;

    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint X32Bit = 0x40000000;

    // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET; and PARENT, which would give a zygote children that it did not make.
    private const uint RefusedFlags = 0x7E028000;

    /// <summary>The program for a processor, as bytes for <c>bwrap --seccomp</c>; <see langword="null"/> where there is none.</summary>
    internal static byte[]? For(Architecture architecture) => architecture switch
    {
        Architecture.X64 => Bytes(Build(AuditX64, [.. SyscallTable.Rows.Select(r => (r.X64, r.Verdict))])),
        Architecture.Arm64 => Bytes(Build(AuditArm64, [.. SyscallTable.Rows.Select(r => (r.Arm64, r.Verdict))])),
        _ => null,
    };

    internal static List<BpfInstruction> Build(uint audit, IReadOnlyList<(int Number, SyscallVerdict Verdict)> rows)
    {
        List<BpfInstruction> program =
        [
            BpfInstruction.Load(ArchitectureOffset),
            new(BpfInstruction.JumpEqual, 1, 0, audit),
            BpfInstruction.Give(KillProcess),
            BpfInstruction.Load(NumberOffset),

            // x32 calls carry this bit under the same architecture.
            new(BpfInstruction.JumpAtLeast, 0, 1, X32Bit),
            BpfInstruction.Give(NotPermitted),
        ];
        var ranges = Ranges(rows);
        program.AddRange(Tree(ranges, 0, ranges.Count));
        return program;
    }

    /// <summary>Neighbouring numbers with the same verdict as ranges; each ends where the next begins.</summary>
    private static List<(uint First, SyscallVerdict Verdict)> Ranges(IReadOnlyList<(int Number, SyscallVerdict Verdict)> rows)
    {
        var verdicts = rows.Where(r => r.Number >= 0).ToDictionary(r => r.Number, r => r.Verdict);
        var ranges = new List<(uint First, SyscallVerdict Verdict)> { (0, verdicts.GetValueOrDefault(0)) };
        for (var number = 1; number <= verdicts.Keys.Max() + 1; number++)
        {
            var verdict = verdicts.GetValueOrDefault(number);
            if (verdict != ranges[^1].Verdict)
            {
                ranges.Add(((uint)number, verdict));
            }
        }

        return ranges;
    }

    private static List<BpfInstruction> Tree(List<(uint First, SyscallVerdict Verdict)> ranges, int from, int to)
    {
        if (to - from == 1)
        {
            return Leaf(ranges[from].Verdict);
        }

        var middle = (from + to) / 2;
        var below = Tree(ranges, from, middle);
        List<BpfInstruction> tree = below.Count <= byte.MaxValue
            ? [new(BpfInstruction.JumpAtLeast, (byte)below.Count, 0, ranges[middle].First)]
            : [new(BpfInstruction.JumpAtLeast, 0, 1, ranges[middle].First), new(BpfInstruction.Jump, 0, 0, (uint)below.Count)];
        tree.AddRange(below);
        tree.AddRange(Tree(ranges, middle, to));
        return tree;
    }

    private static List<BpfInstruction> Leaf(SyscallVerdict verdict) => verdict switch
    {
        SyscallVerdict.Allow => [BpfInstruction.Give(AllowCall)],
        SyscallVerdict.Refuse => [BpfInstruction.Give(NotPermitted)],
        SyscallVerdict.Missing => [BpfInstruction.Give(NoSuchCall)],
        SyscallVerdict.Clone =>
        [
            BpfInstruction.Load(Argument(0)),
            new(BpfInstruction.JumpAnyBit, 0, 1, RefusedFlags),
            BpfInstruction.Give(NotPermitted),
            BpfInstruction.Give(AllowCall),
        ],

        // PER_LINUX, PER_LINUX32, both with UNAME26, and the question for the present one.
        SyscallVerdict.Personality => OneOf(0, [0, 8, 0x20000, 0x20008, 0xffffffff], AllowCall, NotPermitted),
        SyscallVerdict.Socket => OneOf(0, [1, 2, 10, 16], AllowCall, NoSuchFamily),

        // TIOCSTI and TIOCLINUX
        SyscallVerdict.Ioctl => OneOf(1, [0x5412, 0x541C], NotPermitted, AllowCall),
    };

    private static List<BpfInstruction> OneOf(uint argument, uint[] values, uint then, uint otherwise)
    {
        List<BpfInstruction> program = [BpfInstruction.Load(Argument(argument))];
        for (var i = 0; i < values.Length; i++)
        {
            program.Add(new(BpfInstruction.JumpEqual, (byte)(values.Length - i), 0, values[i]));
        }

        program.Add(BpfInstruction.Give(otherwise));
        program.Add(BpfInstruction.Give(then));
        return program;
    }

    /// <summary>Where the lower half of an argument lies in <c>struct seccomp_data</c> on a little-endian machine.</summary>
    private static uint Argument(uint index) => 16 + (8 * index);

    private static byte[] Bytes(List<BpfInstruction> program) => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(program)).ToArray();
}
