using System.Net;
using Mayfly.Sandboxd.Networks;

namespace Mayfly.Server.Tests.Sandboxes;

/// <summary>Which name servers a network with a way out is told.</summary>
public sealed class MachineResolverTests
{
    private const string Own = "192.0.2.7";

    [Fact]
    public void Servers_beyond_the_machine_are_asked_directly()
    {
        var resolver = From("# made by hand\nsearch corp.example\nnameserver 192.0.2.53\nnameserver\t198.51.100.53 \noptions ndots:2\nsortlist 1.2.3.4\n");
        resolver.ShouldBe(new MachineResolver("nameserver 192.0.2.53\nnameserver 198.51.100.53\nsearch corp.example\noptions ndots:2\n", IsRelayed: false));
    }

    [Fact]
    public void Servers_behind_a_local_resolver_are_asked_in_its_place()
    {
        var resolver = From("nameserver 127.0.0.53\nsearch corp.example\n", "nameserver 192.0.2.53\nsearch other.example\n");
        resolver.ShouldBe(new MachineResolver("nameserver 192.0.2.53\nsearch corp.example\n", IsRelayed: false));
    }

    [Theory]
    [InlineData("nameserver 127.0.0.1\n")]
    [InlineData("nameserver ::1\nnameserver 2001:db8::53\n")]
    [InlineData("nameserver 169.254.169.253\n")]
    [InlineData("nameserver 0.0.0.0\n")]
    [InlineData("nameserver " + Own + "\n")]
    [InlineData("nameserver nonsense\n")]
    [InlineData("")]
    public void Servers_out_of_reach_are_asked_through_a_relay(string file) =>
        From(file, "nameserver 127.0.0.1\n").ShouldBe(new MachineResolver("nameserver 127.0.0.53\n", IsRelayed: true));

    private static MachineResolver From(params string[] files) =>
        MachineResolver.From([.. files.Select(static file => file.Split('\n'))], static server => server.Equals(IPAddress.Parse(Own)));
}
