using System.Runtime.InteropServices;
using Mayfly.Sandboxd.Seccomp;

namespace Mayfly.Server.Tests.Sandboxes;

using Architecture = System.Runtime.InteropServices.Architecture;

public sealed class SeccompProgramTests
{
    public static TheoryData<Architecture> Architectures => [Architecture.X64, Architecture.Arm64];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Every_call_of_the_table_gets_its_verdict(Architecture architecture)
    {
        foreach (var (name, x64, arm64, verdict) in SyscallTable.Rows)
        {
            var number = architecture == Architecture.X64 ? x64 : arm64;
            if (number >= 0)
            {
                var expected = verdict switch
                {
                    SyscallVerdict.Missing => SeccompProgram.NoSuchCall,
                    SyscallVerdict.Refuse => SeccompProgram.NotPermitted,
                    SyscallVerdict.Socket => SeccompProgram.NoSuchFamily,
                    _ => SeccompProgram.AllowCall,
                };
                Ask(architecture, (uint)number).ShouldBe(expected, name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Calls_outside_the_table_do_not_exist(Architecture architecture)
    {
        var known = SyscallTable.Rows.Select(r => architecture == Architecture.X64 ? r.X64 : r.Arm64).ToHashSet();
        for (var number = 0; number < 2000; number++)
        {
            if (!known.Contains(number))
            {
                Ask(architecture, (uint)number).ShouldBe(SeccompProgram.NoSuchCall, number.ToString());
            }
        }
    }

    [Fact]
    public void Foreign_architecture_and_x32_are_refused()
    {
        Run(SeccompProgram.For(Architecture.X64)!, 0, SeccompProgram.AuditArm64, []).ShouldBe(SeccompProgram.KillProcess);
        Run(SeccompProgram.For(Architecture.X64)!, 0, 0x40000003, []).ShouldBe(SeccompProgram.KillProcess);
        Ask(Architecture.X64, 0x40000000 | 1).ShouldBe(SeccompProgram.NotPermitted);
    }

    [Theory]
    [InlineData("clone", 0, 0x00003d0f00u, true)]
    [InlineData("clone", 0, 0x10000011u, false)]
    [InlineData("clone", 0, 0x20000011u, false)]
    [InlineData("clone", 0, 0x40000011u, false)]
    [InlineData("clone", 0, 0x00020011u, false)]
    [InlineData("clone", 0, 0x00008011u, false)]
    [InlineData("personality", 0, 0xffffffffu, true)]
    [InlineData("personality", 0, 0x0400000u, false)]
    [InlineData("socket", 0, 1u, true)]
    [InlineData("socket", 0, 2u, true)]
    [InlineData("socket", 0, 10u, true)]
    [InlineData("socket", 0, 16u, true)]
    [InlineData("socket", 0, 17u, false)]
    [InlineData("socket", 0, 40u, false)]
    [InlineData("ioctl", 1, 0x5401u, true)]
    [InlineData("ioctl", 1, 0x5412u, false)]
    public void Arguments_decide_where_a_call_has_two_faces(string name, int argument, uint value, bool allowed)
    {
        var row = SyscallTable.Rows.Single(r => r.Name == name);
        foreach (var architecture in new[] { Architecture.X64, Architecture.Arm64 })
        {
            var arguments = new uint[6];
            arguments[argument] = value;
            var number = (uint)(architecture == Architecture.X64 ? row.X64 : row.Arm64);
            (Ask(architecture, number, arguments) == SeccompProgram.AllowCall).ShouldBe(allowed, architecture.ToString());
        }
    }

    [Theory]
    [InlineData("mount")]
    [InlineData("unshare")]
    [InlineData("setns")]
    [InlineData("ptrace")]
    [InlineData("bpf")]
    [InlineData("io_uring_setup")]
    [InlineData("keyctl")]
    [InlineData("add_key")]
    [InlineData("kexec_load")]
    [InlineData("init_module")]
    [InlineData("perf_event_open")]
    [InlineData("userfaultfd")]
    [InlineData("open_by_handle_at")]
    public void Privileged_calls_are_refused(string name) =>
        SyscallTable.Rows.Single(r => r.Name == name).Verdict.ShouldBe(SyscallVerdict.Refuse);

    [Fact]
    public void Numbers_are_unique_on_each_architecture()
    {
        SyscallTable.Rows.Where(r => r.X64 >= 0).Select(r => r.X64).ShouldBeUnique();
        SyscallTable.Rows.Where(r => r.Arm64 >= 0).Select(r => r.Arm64).ShouldBeUnique();
    }

    private static uint Ask(Architecture architecture, uint number, uint[]? arguments = null) =>
        Run(SeccompProgram.For(architecture)!, number, architecture == Architecture.X64 ? SeccompProgram.AuditX64 : SeccompProgram.AuditArm64, arguments ?? new uint[6]);

    /// <summary>Carries a program out as the kernel would, with a bound on its steps.</summary>
    private static uint Run(byte[] bytes, uint number, uint architecture, uint[] arguments)
    {
        var call = new uint[16];
        call[0] = number;
        call[1] = architecture;
        for (var i = 0; i < arguments.Length; i++)
        {
            call[4 + (2 * i)] = arguments[i];
        }

        var program = MemoryMarshal.Cast<byte, BpfInstruction>(bytes);
        var accumulator = 0u;
        var steps = 0;
        for (var at = 0; ; at++)
        {
            (++steps).ShouldBeLessThan(40);
            var one = program[at];
            switch (one.Code)
            {
                case BpfInstruction.LoadWord:
                    accumulator = call[one.Value / 4];
                    break;
                case BpfInstruction.Jump:
                    at += (int)one.Value;
                    break;
                case BpfInstruction.JumpEqual:
                    at += accumulator == one.Value ? one.IfTrue : one.IfFalse;
                    break;
                case BpfInstruction.JumpAtLeast:
                    at += accumulator >= one.Value ? one.IfTrue : one.IfFalse;
                    break;
                case BpfInstruction.JumpAnyBit:
                    at += (accumulator & one.Value) != 0 ? one.IfTrue : one.IfFalse;
                    break;
                case BpfInstruction.Return:
                    return one.Value;
                default:
                    throw new InvalidOperationException($"The instruction {one} is unknown.");
            }
        }
    }
}
