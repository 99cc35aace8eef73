using System.Text.Json;
using Mayfly.Sandboxd.Wire;
using Shouldly;

namespace Mayfly.Server.Tests.Sandboxes;

/// <summary>The bytes that ask for a sandbox.</summary>
public sealed class StartPacketTests
{
    private static readonly SandboxSpec Whole = new()
    {
        Id = new('a', 32),
        CodeSha256 = new('b', 64),
        CodeIsRoot = true,
        Folder = "/app",
        LayersSha256 = new('c', 64),
        Stem = "python-3.11",
        Shim = "python",
        Command = ["/bin/sh", "-c", ""],
        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "ä€😀", ["EMPTY"] = "" },
        MemoryMb = 128,
        TmpMb = 512,
        Network = SandboxNetworkMode.Egress,
        Mounts = ["/usr/lib/python"],
        Channel = true,
        IsTemplate = true,
        ForkOf = new('d', 32),
        Supervised = true,
    };

    private static readonly SandboxSpec Least = new() { Id = "", CodeSha256 = "", Command = [], Environment = new Dictionary<string, string>(StringComparer.Ordinal), MemoryMb = 0, TmpMb = 0 };

    [Fact]
    public void WrittenSpec_IsReadAsItWas()
    {
        foreach (var spec in (SandboxSpec[])[Whole, Least])
        {
            JsonSerializer.Serialize(StartPacket.Read(StartPacket.Write(spec).ToArray()).Spec).ShouldBe(JsonSerializer.Serialize(spec));
        }
    }

    [Fact]
    public void EveryProperty_IsInTheExample()
    {
        foreach (var property in typeof(SandboxSpec).GetProperties())
        {
            property.GetValue(Whole).ShouldNotBe(property.GetValue(Least), property.Name);
        }
    }

    [Fact]
    public void CutOrLengthenedPacket_IsRefused()
    {
        var packet = StartPacket.Write(Whole).ToArray();
        for (var length = 1; length < packet.Length; length++)
        {
            Should.Throw<IOException>(() => StartPacket.Read(packet.AsMemory(0, length)));
        }

        Should.Throw<IOException>(() => StartPacket.Read((byte[])[.. packet, 0]));
    }

    [Fact]
    public void CountThatTheBytesCannotHold_IsRefused()
    {
        var packet = StartPacket.Write(Least).ToArray();
        packet.AsSpan(1).Fill(0x7F);
        Should.Throw<IOException>(() => StartPacket.Read(packet));
    }
}
