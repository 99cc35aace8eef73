using System.Text;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;
using Shouldly;

namespace Mayfly.Server.Tests.Sandboxes;

/// <summary>Variables that go to a stem as they came, and are read only for a program.</summary>
public sealed class PackedEnvironmentTests
{
    private static readonly SandboxSpec Sound = new()
    {
        Id = new('a', 32),
        CodeSha256 = new('b', 64),
        Command = ["/bin/true"],
        Environment = new Dictionary<string, string>(StringComparer.Ordinal),
        MemoryMb = 128,
        TmpMb = 512,
    };

    [Fact]
    public void Variables_AreReadAsTheyWerePacked()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "ä€😀\"\\\n", ["EMPTY"] = "", ["B"] = "<&+>" };
        Packed(Encoding.UTF8.GetString(PackedEnvironment.Pack(variables))).ShouldBe(variables, ignoreOrder: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"A":1}""")]
    [InlineData("""{"A":"b"}x""")]
    public void WhatIsNoObjectOfStrings_IsRefused(string json) => Refusal(json).ShouldContain("no object of strings");

    [Theory]
    [InlineData("""{"":"b"}""", "no valid name")]
    [InlineData("""{"A=B":"c"}""", "no valid name")]
    [InlineData("""{"A\u0000":"c"}""", "no valid name")]
    [InlineData("""{"A":"b\u0000"}""", "NUL")]
    [InlineData("""{"A":null}""", "NUL")]
    public void VariableThatNoProgramCanHave_IsRefused(string json, string why) => Refusal(json).ShouldContain(why);

    [Fact]
    public void MoreThanAProgramCanHave_IsRefused_AlsoWhereNobodyReadsIt()
    {
        var json = $$"""{"A":"{{new string('x', 512 * 1024)}}"}""";
        Should.Throw<StartRefusedException>(() => SpecCheck.Verify(Sound with { Environment = Packed(json) })).Message.ShouldContain("too large");
    }

    private static PackedEnvironment Packed(string json) => new(Encoding.UTF8.GetBytes(json));

    private static string Refusal(string json)
    {
        var spec = Sound with { Environment = Packed(json) };
        SpecCheck.Verify(spec);
        return Should.Throw<StartRefusedException>(() => SpecCheck.VerifyEnvironment(spec)).Message;
    }
}
