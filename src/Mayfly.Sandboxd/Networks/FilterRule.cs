using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Mayfly.Sandboxd.Networks;

/// <summary>One rule of a packet filter: what it looks at, in order, and its verdict. Written as nf_tables takes it.</summary>
internal sealed class FilterRule
{
    private const int Register = 1;
    private const int Equal = 0;
    private const int NotEqual = 1;
    private const int InName = 6;
    private const int OutName = 7;
    private const int Protocol = 15;
    private const byte Version4 = 2;
    private const int SourceAt = 12;
    private const int TargetAt = 16;
    private readonly List<Action<NetlinkMessages>> _steps = [];

    /// <summary>Came in by an interface, or one whose name begins so where it ends with <c>*</c>.</summary>
    internal FilterRule From(string name) => Read("meta", m => m.PutBig(1, Register).PutBig(2, InName)).Compare(Equal, NameOf(name));

    /// <summary>Goes out by an interface.</summary>
    internal FilterRule To(string name) => Read("meta", m => m.PutBig(1, Register).PutBig(2, OutName)).Compare(Equal, NameOf(name));

    /// <summary>Goes out by another interface.</summary>
    internal FilterRule NotTo(string name) => Read("meta", m => m.PutBig(1, Register).PutBig(2, OutName)).Compare(NotEqual, NameOf(name));

    /// <summary>Is of another version than 4.</summary>
    internal FilterRule NotVersion4() => Read("meta", m => m.PutBig(1, Register).PutBig(2, Protocol)).Compare(NotEqual, [Version4]);

    /// <summary>Was sent from a network.</summary>
    internal FilterRule Source(uint network, int prefixLength) => Network(SourceAt, Equal, network, prefixLength);

    /// <summary>Was sent from elsewhere.</summary>
    internal FilterRule NotSource(uint network, int prefixLength) => Network(SourceAt, NotEqual, network, prefixLength);

    /// <summary>Is sent to a network.</summary>
    internal FilterRule Target(uint network, int prefixLength) => Network(TargetAt, Equal, network, prefixLength);

    /// <summary>Is sent to anything but a single address beyond this machine: to the machine, to all of a network, to nowhere.</summary>
    internal FilterRule NotToOneBeyond()
    {
        const int addressType = 3;
        const int ofTarget = 2;
        const int unicast = 1;
        return Read("fib", m => m.PutBig(1, Register).PutBig(2, addressType).PutBig(3, ofTarget)).Compare(NotEqual, Native(unicast));
    }

    /// <summary>Belongs to no connection that was let through.</summary>
    internal FilterRule OfNoConnection()
    {
        const int establishedOrRelated = 2 | 4;
        return Connection(0, establishedOrRelated);
    }

    /// <summary>Is not sent to where somebody's translation of addresses leads it.</summary>
    internal FilterRule NotTranslated()
    {
        const int status = 2;
        const int translated = 1 << 5;
        return Connection(status, translated);
    }

    /// <summary>Drops it.</summary>
    internal FilterRule Drop()
    {
        const int verdict = 2;
        _steps.Add(m => Expression(m, "immediate", e => e.PutBig(1, 0).Nest(2, value => value.Nest(verdict, code => code.PutBig(1, 0)))));
        return this;
    }

    /// <summary>Gives it the address of the interface that it leaves by.</summary>
    internal FilterRule Masquerade()
    {
        _steps.Add(static m => Expression(m, "masq", static _ => { }));
        return this;
    }

    /// <summary>Writes the list of expressions.</summary>
    internal void Write(NetlinkMessages message) => _steps.ForEach(step => step(message));

    private FilterRule Connection(int key, int mask) =>
        Read("ct", m => m.PutBig(1, Register).PutBig(2, key)).Mask(Native(mask)).Compare(Equal, Native(0));

    private FilterRule Network(int at, int comparison, uint network, int prefixLength)
    {
        const int networkHeader = 1;
        var mask = uint.MaxValue << (32 - prefixLength);
        return Read("meta", m => m.PutBig(1, Register).PutBig(2, Protocol)).Compare(Equal, [Version4])
            .Read("payload", m => m.PutBig(1, Register).PutBig(2, networkHeader).PutBig(3, at).PutBig(4, sizeof(uint))).Mask(Big(mask)).Compare(comparison, Big(network));
    }

    private FilterRule Read(string expression, Action<NetlinkMessages> attributes)
    {
        _steps.Add(m => Expression(m, expression, attributes));
        return this;
    }

    private FilterRule Mask(byte[] mask)
    {
        _steps.Add(m => Expression(m, "bitwise", e => e.PutBig(1, Register).PutBig(2, Register).PutBig(3, mask.Length)
            .Nest(4, value => value.Put(1, mask)).Nest(5, value => value.Put(1, new byte[mask.Length]))));
        return this;
    }

    private FilterRule Compare(int comparison, byte[] value)
    {
        _steps.Add(m => Expression(m, "cmp", e => e.PutBig(1, Register).PutBig(2, comparison).Nest(3, data => data.Put(1, value))));
        return this;
    }

    private static void Expression(NetlinkMessages message, string name, Action<NetlinkMessages> attributes) =>
        message.Nest(1, element => element.Put(1, name).Nest(2, attributes));

    // A name is compared with its NULs; what begins with it, without.
    private static byte[] NameOf(string name)
    {
        const int nameLength = 16;
        return name.EndsWith('*') ? Encoding.ASCII.GetBytes(name[..^1]) : Encoding.ASCII.GetBytes(name.PadRight(nameLength, '\0'));
    }

    private static byte[] Native(int number) => MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in number)).ToArray();

    private static byte[] Big(uint number)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }
}
