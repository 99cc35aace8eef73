using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Mayfly.Sandboxd.Networks;

/// <summary>Messages to the kernel's network configuration, one behind the other in one buffer. See netlink(7).</summary>
internal sealed class NetlinkMessages
{
    private const int HeadLength = 16;
    private const int SequenceAt = 8;
    private const ushort Request = 0x01;
    private const ushort Acknowledge = 0x04;
    private const ushort Nested = 0x8000;
    private readonly List<(string What, int At)> _messages = [];
    private byte[] _bytes = new byte[4096];
    private int _length;

    /// <summary>Create what is not there; fail where it is.</summary>
    internal const ushort CreateNew = 0x400 | 0x200;

    /// <summary>Create what is not there.</summary>
    internal const ushort Create = 0x400;

    /// <summary>Add behind what is there.</summary>
    internal const ushort Append = 0x800;

    /// <summary>All messages.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>What each message that is answered does, for errors.</summary>
    internal IReadOnlyList<(string What, int At)> Answered => _messages;

    /// <summary>Adds a message.</summary>
    /// <param name="what">What it does, for errors; <see langword="null"/> for one that is not answered.</param>
    /// <param name="type">Its type.</param>
    /// <param name="flags">More flags than it must have.</param>
    /// <param name="head">The structure at its beginning.</param>
    /// <param name="attributes">Adds what follows.</param>
    internal NetlinkMessages Add(string? what, int type, ushort flags, ReadOnlySpan<byte> head, Action<NetlinkMessages>? attributes = null)
    {
        var start = _length;
        Write(stackalloc byte[HeadLength]);
        Write(head);
        attributes?.Invoke(this);
        if (what is not null)
        {
            _messages.Add((what, start));
            flags |= Acknowledge;
        }

        MemoryMarshal.Write(_bytes.AsSpan(start), _length - start);
        MemoryMarshal.Write(_bytes.AsSpan(start + 4), (ushort)type);
        MemoryMarshal.Write(_bytes.AsSpan(start + 6), (ushort)(flags | Request));
        return this;
    }

    /// <summary>An attribute of the current message.</summary>
    internal NetlinkMessages Put(int attribute, ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[4];
        MemoryMarshal.Write(head, (ushort)(value.Length + 4));
        MemoryMarshal.Write(head[2..], (ushort)attribute);
        Write(head);
        Write(value);
        return this;
    }

    /// <summary>A text with its final NUL.</summary>
    internal NetlinkMessages Put(int attribute, string text) => Put(attribute, Encoding.ASCII.GetBytes(text + '\0'));

    /// <summary>A number in the machine's order.</summary>
    internal NetlinkMessages Put(int attribute, int number) => Put(attribute, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in number)));

    /// <summary>A number in the network's order.</summary>
    internal NetlinkMessages PutBig(int attribute, int number) => Put(attribute, BinaryPrimitives.ReverseEndianness(number));

    /// <summary>An attribute of attributes.</summary>
    /// <param name="attribute">Its type.</param>
    /// <param name="inner">Adds what is in it.</param>
    /// <param name="head">A structure before them.</param>
    internal NetlinkMessages Nest(int attribute, Action<NetlinkMessages> inner, ReadOnlySpan<byte> head = default)
    {
        var start = _length;
        Put(attribute | Nested, head);
        inner(this);
        MemoryMarshal.Write(_bytes.AsSpan(start), (ushort)(_length - start));
        return this;
    }

    /// <summary>Numbers the messages.</summary>
    internal void Number(uint first)
    {
        for (var at = 0; at < _length; at += MemoryMarshal.Read<int>(_bytes.AsSpan(at)))
        {
            MemoryMarshal.Write(_bytes.AsSpan(at + SequenceAt), first + (uint)at);
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        var padded = (bytes.Length + 3) & ~3;
        if (_length + padded > _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += padded;
    }
}
