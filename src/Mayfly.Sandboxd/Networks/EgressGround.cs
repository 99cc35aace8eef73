using System.ComponentModel;
using Mayfly.Sandboxd.Launching;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Networks;

/// <summary>
/// What this machine needs so that sandboxes have a way out: a number of our own, packet filter rules, forwarding. Made
/// when the first sandbox asks for it, taken away at the end; what a killed sandboxd left behind is taken away at start.
/// </summary>
internal sealed class EgressGround : IDisposable
{
    private const int AlreadyThere = 17;
    private const int Busy = 16;
    private readonly NetlinkSocket? _machine;
    private readonly Lock _guard = new();
    private OwnerRecord? _owner;
    private Forwarding? _forwarding;
    private int _cables;

    /// <summary>Looks at the machine. On a thread that is in the machine's network.</summary>
    internal EgressGround()
    {
        Missing = FindMissing();
        if (Missing is null)
        {
            _machine = new NetlinkSocket(NetlinkSocket.Route);
            Sweep(_machine);
        }
    }

    /// <summary>Why there is no way out here, with the remedy; <see langword="null"/> when there is.</summary>
    internal string? Missing { get; }

    /// <summary>Makes the ground ready. On a thread that is in the machine's network.</summary>
    /// <exception cref="StartRefusedException">This machine lacks something.</exception>
    internal void Prepare()
    {
        if (Missing is not null)
        {
            throw new StartRefusedException(Missing);
        }

        lock (_guard)
        {
            try
            {
                if (_forwarding is null)
                {
                    _owner ??= OwnerRecord.TakeFree() ?? throw new StartRefusedException($"{OwnerRecord.Most} sandboxd run on this machine already; no more have networks with a way out.");
                    VirtualCable.RemoveAll(_machine!, _owner.Number);
                    var firewall = new Firewall(_owner.Number);
                    firewall.Raise();
                    _forwarding = new(_owner, firewall);
                }

                _forwarding.SwitchOn();
            }
            catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
            {
                throw new StartRefusedException($"Networks with a way out (network: egress) cannot be made on this machine: {e.Message}");
            }
        }
    }

    /// <summary>Gives the namespace that the calling thread is in a way out. One at a time.</summary>
    internal void Connect(SafeFileHandle place)
    {
        for (var tried = 0; tried < VirtualCable.Most; tried++)
        {
            var number = _cables++ % VirtualCable.Most;
            try
            {
                new VirtualCable(_owner!.Number, number).Lay(_machine!, place);
                return;
            }
            catch (Win32Exception e) when (e.NativeErrorCode is AlreadyThere or Busy)
            {
                // A sandbox of long ago still has it.
            }
        }

        throw new StartRefusedException($"{VirtualCable.Most} sandboxes have networks with a way out already.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_machine is null)
        {
            return;
        }

        if (_owner is not null)
        {
            Clear(_machine, _owner);
            _owner.Dispose();
        }

        // Also what one left that was dying still when this one began.
        Sweep(_machine);
        _machine.Dispose();
    }

    private static string? FindMissing()
    {
        const string Needs = "there are no networks with a way out for functions (network: egress)";
        if (!OperatingSystem.IsLinux() || SandboxRightsProbe.OfThisProcess() != SandboxRights.Root)
        {
            return Needs + ": sandboxd is not root. To mend it: start Mayfly as root; or give functions network: host or network: none";
        }

        return Firewall.FindMissing() is { } why
            ? $"{Needs}: {why}. To mend it: modprobe nf_tables, in a container give it NET_ADMIN; or give functions network: host or network: none"
            : null;
    }

    private static void Sweep(NetlinkSocket machine)
    {
        foreach (var left in OwnerRecord.TakeLeft())
        {
            using (left)
            {
                Clear(machine, left);
            }
        }
    }

    private static void Clear(NetlinkSocket machine, OwnerRecord owner)
    {
        try
        {
            VirtualCable.RemoveAll(machine, owner.Number);
            Forwarding.PutBack(owner);
            new Firewall(owner.Number).Remove();
            owner.Empty();
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            // The record stays, so that the next sandboxd tries again.
            Console.Error.WriteLine($"sandboxd: the network of the machine could not be put back: {e.Message}");
        }
    }
}
