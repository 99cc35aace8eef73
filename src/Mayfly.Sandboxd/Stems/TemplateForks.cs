using System.Buffers.Binary;
using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Stems;

/// <summary>
/// Forks the initialised program of a template for another instance of the same function. The fork lives in the template's namespaces and ends with it,
/// and has a control group of its own.
/// </summary>
/// <remarks>The template is a sandbox with the function's code in it: what it answers is not believed, and may not come at all.</remarks>
internal sealed class TemplateForks(LaunchTools tools)
{
    private const int PatienceSeconds = 5;

    /// <summary>A number below 100 that the program does not get.</summary>
    private const int Status = 50;

    /// <summary>Forks a template.</summary>
    /// <exception cref="StartRefusedException">It was not forked; nothing is left behind.</exception>
    internal async Task<RunningSandbox> ForkAsync(RunningSandbox template, SandboxSpec spec)
    {
        if (template.Orders is not { } orders)
        {
            throw new StartRefusedException("The sandbox is no template.");
        }

        CgroupLeaf? leaf = null;
        SandboxEnds? ends = null;
        var (status, statusWrite) = LibC.Pipe();
        LibC.MakeNonBlocking(status);
        try
        {
            leaf = tools.MakeLeaf(spec.Id, spec.MemoryMb);
            ends = new SandboxEnds(spec);
            if (leaf is not null)
            {
                ends.Pass(leaf);
            }

            ends.Give(Status, statusWrite);
            int[] passed = [.. new[] { ends.Inside[3], ends.Inside[1], statusWrite }.Select(static one => (int)one.DangerousGetHandle())];
            var inside = await Task.Run(() =>
            {
                lock (template)
                {
                    return Order(orders, spec.Environment, passed);
                }
            });
            ends.CloseTheirs();
            var pid = OutsideNumber(template, inside);
            var process = LibC.PidDescriptor(pid);
            leaf?.Join(pid);
            return Describe(template, spec, leaf, ends, pid, process, status);
        }
        catch (Exception e)
        {
            ends?.Dispose();
            leaf?.Kill();
            leaf?.KillMembers();
            leaf?.Remove();
            status.Dispose();
            throw e is Win32Exception or IOException ? new StartRefusedException($"The template could not be forked: {e.Message}") : e;
        }
    }

    private static int Order(SafeHandle orders, IReadOnlyDictionary<string, string> environment, int[] passed)
    {
        var json = PackedEnvironment.Pack(environment);
        byte[] order = [(byte)'f', 0, 0, 0, 0, .. json];
        BinaryPrimitives.WriteInt32BigEndian(order.AsSpan(1), json.Length);
        LibC.LimitReceive(orders, PatienceSeconds);
        var sent = DescriptorPassing.Send(orders, order, passed);
        LibC.WriteAll(orders, order.AsSpan(sent));
        Span<byte> answer = stackalloc byte[sizeof(int)];
        for (var filled = 0; filled < answer.Length;)
        {
            var count = LibC.ReadSome(orders, answer[filled..]);
            filled += count > 0 ? count : throw new StartRefusedException("The template does not answer.");
        }

        return BinaryPrimitives.ReadInt32BigEndian(answer);
    }

    // Numbers inside are looked up among the template's own processes, so that a wrong answer names none but these.
    private static int OutsideNumber(RunningSandbox template, int inside)
    {
        foreach (var pid in ProcessTree.Of(template.Pid).Reverse())
        {
            if (ProcessTree.InnermostNumber(pid) == inside && pid != template.Pid && pid != template.FindInit())
            {
                return pid;
            }
        }

        throw new StartRefusedException(string.Create(CultureInfo.InvariantCulture, $"The template named a process that it does not have: {inside}."));
    }

    private RunningSandbox Describe(RunningSandbox template, SandboxSpec spec, CgroupLeaf? leaf, SandboxEnds ends, int pid, SafeFileHandle process, SafeFileHandle status)
    {
        var ended = tools.Reaper.WaitAsync(process, status);
        return new()
        {
            Id = spec.Id,
            Pid = pid,
            Uid = template.Uid,
            HasOwnUser = false,
            Ends = ends,
            Leaf = leaf,
            Ended = ended,
            KillTree = () =>
            {
                if (ended.IsCompleted)
                {
                    return;
                }

                foreach (var member in leaf is null ? ProcessTree.Of(pid) : [])
                {
                    LibC.Kill(member, LibC.SigKill);
                }

                leaf?.KillMembers();
            },
            Terminate = () =>
            {
                if (!ended.IsCompleted)
                {
                    LibC.Signal(process, LibC.SigTerm);
                }
            },
            Release = static () => { },
        };
    }
}
