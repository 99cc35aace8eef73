using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Networks;

/// <summary>
/// A pair of virtual interfaces between the machine and one namespace: two addresses, no bridge, so nothing but the
/// machine's own routing leads on from here. See rtnetlink(7).
/// </summary>
/// <param name="owner">The number of this sandboxd on the machine.</param>
/// <param name="number">Which cable.</param>
internal sealed class VirtualCable(int owner, int number)
{
    /// <summary>How many cables one sandboxd may have at a time.</summary>
    internal const int Most = 4096;

    /// <summary>What the names of all interfaces of all sandboxds begin with.</summary>
    internal const string NamePrefix = "mayfly";

    private const int NewLink = 16;
    private const int DeleteLink = 17;
    private const int SetLink = 19;
    private const int NewAddress = 20;
    private const int NewRoute = 24;
    private const byte Inet = 2;
    private const byte Inet6 = 10;
    private const int LinkName = 3;
    private const int LinkKind = 18;
    private const int LinkFamilies = 26;
    private const int LinkGroup = 27;
    private const int LinkNamespace = 28;

    // Numbers that the kernel comes to by itself only after a million interfaces: so nothing has to be asked for.
    private const int FirstIndex = 0x6d00_0000;
    private const int InnerIndex = 1000;

    // Both ends of a cable are in one pair of addresses.
    private const int PrefixLength = 31;

    private int Index => FirstIndex + (owner * Most) + number;

    /// <summary>What the names of one sandboxd's interfaces begin with.</summary>
    internal static string NamesOf(int owner) => FormattableString.Invariant($"{NamePrefix}{owner}-");

    /// <summary>The addresses of one sandboxd: of the range for tests of devices (RFC 2544), which no network uses.</summary>
    internal static (uint First, int PrefixLength) AddressesOf(int owner) => (0xC612_0000 + ((uint)owner * Most * 2), 19);

    /// <summary>Lays it. The calling thread is in the namespace.</summary>
    /// <param name="machine">A conversation about the machine's network.</param>
    /// <param name="place">The namespace.</param>
    internal void Lay(NetlinkSocket machine, SafeFileHandle place)
    {
        var outer = AddressesOf(owner).First + ((uint)number * 2);
        machine.Do(new NetlinkMessages()
            .Add("The interface of a sandbox could not be made", NewLink, NetlinkMessages.CreateNew, Link(Index), m => m
                .Put(LinkName, NamesOf(owner) + FormattableString.Invariant($"{number}"))
                .Put(LinkGroup, GroupOf(owner))
                .Nest(LinkKind, kind => kind
                    .Put(1, "veth")
                    .Nest(2, pair => pair.Nest(1, peer => peer.Put(LinkName, "eth0").Put(LinkNamespace, (int)place.DangerousGetHandle()), Link(InnerIndex)))))
            .Add("The interface of a sandbox could not be set up", SetLink, 0, Link(Index), m => m.Nest(LinkFamilies, families =>
            {
                // It forwards what comes from the sandbox, and takes no other sender's address than the sandbox's.
                const int forwarding = 1;
                const int checkSender = 8;
                families.Nest(Inet, inet => inet.Nest(1, settings => settings.Put(forwarding, 1).Put(checkSender, 1)));
                PutNoInet6(families);
            }))
            .Add("The interface of a sandbox could not be given an address", NewAddress, NetlinkMessages.CreateNew, Address(Index), m => PutAddress(m, outer))
            .Add("The interface of a sandbox could not be raised", NewLink, 0, Link(Index, up: true)));
        using var inside = new NetlinkSocket(NetlinkSocket.Route);
        inside.Do(new NetlinkMessages()
            .Add("The interface in a sandbox could not be set up", SetLink, 0, Link(InnerIndex), m => m.Nest(LinkFamilies, PutNoInet6))
            .Add("The interface in a sandbox could not be given an address", NewAddress, NetlinkMessages.CreateNew, Address(InnerIndex), m => PutAddress(m, outer + 1))
            .Add("The interface in a sandbox could not be raised", NewLink, 0, Link(InnerIndex, up: true))
            .Add("The way out of a sandbox could not be set", NewRoute, NetlinkMessages.CreateNew, [Inet, 0, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0], m =>
            {
                const int outInterface = 4;
                const int gateway = 5;
                m.Put(outInterface, InnerIndex).PutBig(gateway, (int)outer);
            }));
    }

    /// <summary>Takes away all cables of one sandboxd.</summary>
    internal static void RemoveAll(NetlinkSocket machine, int owner)
    {
        const int noSuchDevice = 19;
        try
        {
            machine.Do(new NetlinkMessages().Add("The interfaces of sandboxes could not be removed", DeleteLink, 0, Link(0), m => m.Put(LinkGroup, GroupOf(owner))));
        }
        catch (Win32Exception e) when (e.NativeErrorCode == noSuchDevice)
        {
            // There are none.
        }
    }

    private static int GroupOf(int owner) => FirstIndex + owner;

    // No address of version 6, not even a link-local one: what is not there cannot be reached.
    private static void PutNoInet6(NetlinkMessages families)
    {
        const int generateAddresses = 8;
        if (Socket.OSSupportsIPv6)
        {
            families.Nest(Inet6, inet6 => inet6.Put(generateAddresses, [1]));
        }
    }

    private static void PutAddress(NetlinkMessages message, uint address)
    {
        const int peer = 1;
        const int local = 2;
        message.PutBig(local, (int)address).PutBig(peer, (int)address);
    }

    private static byte[] Link(int index, bool up = false)
    {
        var link = new byte[16];
        MemoryMarshal.Write(link.AsSpan(4), index);
        MemoryMarshal.Write(link.AsSpan(8), up ? 1 : 0);
        MemoryMarshal.Write(link.AsSpan(12), up ? 1 : 0);
        return link;
    }

    private static byte[] Address(int index)
    {
        byte[] address = [Inet, PrefixLength, 0, 0, 0, 0, 0, 0];
        MemoryMarshal.Write(address.AsSpan(4), index);
        return address;
    }
}
