using System.ComponentModel;
using System.Globalization;
using System.Net;

namespace Mayfly.Sandboxd.Networks;

/// <summary>
/// What sandboxes with a way out may reach: the table <c>mayfly…</c> of nf_tables, which <c>nft list ruleset</c> shows.
/// Spoken over netlink, so that no program has to be installed.
/// </summary>
/// <param name="owner">The number of this sandboxd on the machine.</param>
internal sealed class Firewall(int owner)
{
    private const int Tables = 10 << 8;
    private const int BatchBegin = 0x10;
    private const int BatchEnd = 0x11;
    private const int NewTable = Tables | 0;
    private const int DeleteTable = Tables | 2;
    private const int NewChain = Tables | 3;
    private const int NewRule = Tables | 6;
    private const int GetGeneration = Tables | 16;
    private const byte Inet = 1;
    private const int Arrival = 0;
    private const int Input = 1;
    private const int Forward = 2;
    private const int Departure = 4;

    // What clouds serve credentials and settings at, beside the link-local 169.254.169.254.
    private static readonly string[] MetadataServers = ["100.100.100.200", "168.63.129.16", "192.0.0.192"];

    private readonly string _table = NameOf(owner);
    private readonly string _sandboxes = VirtualCable.NamesOf(owner) + "*";

    /// <summary>Why this machine has no packet filter for us; <see langword="null"/> when it has.</summary>
    internal static string? FindMissing()
    {
        try
        {
            using var socket = new NetlinkSocket(NetlinkSocket.Netfilter);
            socket.Do(new NetlinkMessages().Add("The packet filter does not answer", GetGeneration, 0, Family(0)));
            return null;
        }
        catch (Win32Exception e)
        {
            return e.Message;
        }
    }

    /// <summary>Puts the rules up, in place of any that are there.</summary>
    internal void Raise()
    {
        const string any = VirtualCable.NamePrefix + "*";
        var (network, prefixLength) = VirtualCable.AddressesOf(owner);
        var messages = Begin();
        AddTable(messages);
        AddDelete(messages);
        AddTable(messages);

        // Before anybody's translation of addresses: no address of the machine leads anywhere, be it to a container behind it.
        const int beforeAll = -300;
        AddChain(messages, "arrival", "filter", Arrival, beforeAll);
        AddRule(messages, "arrival", new FilterRule().From(_sandboxes).NotVersion4().Drop());
        AddRule(messages, "arrival", new FilterRule().From(_sandboxes).NotSource(network, prefixLength).Drop());
        AddRule(messages, "arrival", new FilterRule().From(_sandboxes).NotToOneBeyond().Drop());

        // Nothing is for the machine itself.
        AddChain(messages, "input", "filter", Input, 0);
        AddRule(messages, "input", new FilterRule().From(_sandboxes).Drop());

        // No neighbours, no metadata; and nothing from outside comes in unasked.
        AddChain(messages, "forward", "filter", Forward, 0);
        AddRule(messages, "forward", new FilterRule().From(_sandboxes).To(any).Drop());
        AddRule(messages, "forward", new FilterRule().From(_sandboxes).Target(0xA9FE_0000, 16).Drop());
        foreach (var server in MetadataServers)
        {
            AddRule(messages, "forward", new FilterRule().From(_sandboxes).Target(Number(IPAddress.Parse(server)), 32).Drop());
        }

        AddRule(messages, "forward", new FilterRule().To(_sandboxes).OfNoConnection().Drop());

        const int sourceTranslation = 100;
        AddChain(messages, "departure", "nat", Departure, sourceTranslation);
        AddRule(messages, "departure", new FilterRule().Source(network, prefixLength).NotTo(any).Masquerade());
        Send(messages);
    }

    /// <summary>Keeps an interface that forwards only because of us from forwarding for others.</summary>
    internal void Restrict(string name)
    {
        var messages = Begin();
        AddRule(messages, "forward", new FilterRule().From(name).NotTo(VirtualCable.NamePrefix + "*").OfNoConnection().NotTranslated().Drop());
        Send(messages);
    }

    /// <summary>Takes all rules away.</summary>
    internal void Remove()
    {
        var messages = Begin();
        AddTable(messages);
        AddDelete(messages);
        Send(messages);
    }

    private static string NameOf(int owner) => VirtualCable.NamePrefix + owner.ToString(CultureInfo.InvariantCulture);

    private static NetlinkMessages Begin() => new NetlinkMessages().Add(null, BatchBegin, 0, Batch());

    private static void Send(NetlinkMessages messages)
    {
        // A conversation each: after a refusal, answers may be left over.
        using var socket = new NetlinkSocket(NetlinkSocket.Netfilter);
        socket.Do(messages.Add(null, BatchEnd, 0, Batch()));
    }

    private void AddTable(NetlinkMessages messages) =>
        messages.Add("The packet filter could not be made", NewTable, NetlinkMessages.Create, Family(Inet), m => m.Put(1, _table));

    private void AddDelete(NetlinkMessages messages) =>
        messages.Add("The packet filter could not be removed", DeleteTable, 0, Family(Inet), m => m.Put(1, _table));

    private void AddChain(NetlinkMessages messages, string name, string type, int hook, int priority)
    {
        const int accept = 1;
        messages.Add($"The packet filter could not be given its chain {name}", NewChain, NetlinkMessages.Create, Family(Inet), m => m
            .Put(1, _table).Put(3, name).Nest(4, place => place.PutBig(1, hook).PutBig(2, priority)).PutBig(5, accept).Put(7, type));
    }

    private void AddRule(NetlinkMessages messages, string chain, FilterRule rule) =>
        messages.Add($"A rule of the packet filter could not be set ({chain})", NewRule, NetlinkMessages.Create | NetlinkMessages.Append, Family(Inet), m => m
            .Put(1, _table).Put(2, chain).Nest(4, rule.Write));

    private static byte[] Family(byte family) => [family, 0, 0, 0];

    // The subsystem stands in the network's order.
    private static byte[] Batch() => [0, 0, 0, Tables >> 8];

    private static uint Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
