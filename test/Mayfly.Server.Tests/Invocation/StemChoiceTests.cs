using System.Collections.Immutable;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Tests.Invocation;

public sealed class StemChoiceTests : IDisposable
{
    private readonly TemporaryFolder code = new();

    [Fact]
    public void PlainFunction_FitsTheCommonStem() => Choose()!.Name.ShouldBe("any 1");

    [Theory]
    [InlineData("LD_PRELOAD")]
    [InlineData("AWS_LAMBDA_EXEC_WRAPPER")]
    public void VariableThatIsReadAtTheStart_NeedsAStartOfItsOwn(string variable) =>
        Choose(environment: ImmutableSortedDictionary<string, string>.Empty.Add(variable, "/opt/x")).ShouldBeNull();

    [Fact]
    public void OtherVariable_DoesNot() => Choose(environment: ImmutableSortedDictionary<string, string>.Empty.Add("TABLE", "orders")).ShouldNotBeNull();

    [Fact]
    public void LibrariesOfItsOwn_NeedAStartOfItsOwn()
    {
        Directory.CreateDirectory(Path.Combine(code.Path, "lib"));

        Choose().ShouldBeNull();
    }

    [Fact]
    public void LibrariesInALayer_NeedAStartOfItsOwn()
    {
        using var layers = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(layers.Path, "lib"));

        Choose(layers: layers.Path).ShouldBeNull();
    }

    [Fact]
    public void SourceThatUsesAFlavour_GetsIt()
    {
        File.WriteAllText(Path.Combine(code.Path, "handler.any"), "use heavy\n");

        var order = Choose()!;

        order.Name.ShouldBe("any 1+heavy");
        order.Modules.ShouldBe(["heavy"]);
    }

    [Fact]
    public void LinkOutOfThePackage_IsNotRead()
    {
        using var elsewhere = new TemporaryFolder();
        File.WriteAllText(Path.Combine(elsewhere.Path, "handler.any"), "use heavy\n");
        File.CreateSymbolicLink(Path.Combine(code.Path, "handler.any"), Path.Combine(elsewhere.Path, "handler.any"));

        Choose()!.Modules.ShouldBeEmpty();
    }

    [Fact]
    public void Networks_HaveStemsOfTheirOwn() => Choose(network: SandboxNetworkMode.None)!.ShouldSatisfyAllConditions(
        static order => order.Name.ShouldNotBe("any 1"),
        static order => order.Network.ShouldBe(SandboxNetworkMode.None));

    public void Dispose() => code.Dispose();

    private StemOrder? Choose(ImmutableSortedDictionary<string, string>? environment = null, SandboxNetworkMode network = SandboxNetworkMode.Host, string? layers = null)
    {
        var definition = new StemDefinition { Command = ["/bin/any"], Fixed = ["^LD_"], Flavours = [new() { Name = "heavy", When = "(?m)^use heavy$", Modules = ["heavy"] }] };
        var order = new StemOrder { Name = "any 1", Shim = "any", Command = ["/bin/any"], Environment = new Dictionary<string, string>(), Parked = 0 };
        var plan = new LaunchPlan { Contract = RuntimeContract.Frame, Command = ["/bin/any"], Environment = ImmutableDictionary<string, string>.Empty, Stem = new(order, definition) };
        var revision = new Revision
        {
            Id = "r",
            Function = new("000000000000", "us-east-1", "f"),
            Config = new() { Runtime = "any", Environment = environment ?? ImmutableSortedDictionary<string, string>.Empty },
            Code = new(new string('0', 64), 1),
            LastModified = DateTimeOffset.UnixEpoch,
        };
        return StemChoice.For(revision, plan, network, code.Path, layers);
    }
}
