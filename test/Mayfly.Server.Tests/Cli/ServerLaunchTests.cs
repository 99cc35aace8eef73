using Mayfly.Supervision;

namespace Mayfly.Server.Tests.Cli;

public sealed class ServerLaunchTests
{
    private static readonly SupervisorOptions Options = new() { Port = 4566, Account = "000000000000", Region = "us-east-1", MaxInstances = 10 };
    private static readonly StateFolder State = new("/root/x/.mayfly");
    private static readonly SelfCommand Self = new(["/root/x/artifacts/mayfly/mayfly"], ["/root/x/artifacts/mayfly", "/usr/share/dotnet"]);

    [Fact]
    public void RootBelowAClosedFolder_ShowsTheServerOnlyWhatItNeeds()
    {
        var command = ServerLaunch.Build(Root("/root", "/root/x/.mayfly"), Self, State, Options);
        var line = string.Join(' ', command.Words);
        line.ShouldStartWith("/usr/bin/setsid /usr/bin/bwrap --ro-bind / / --dev-bind /dev /dev --tmpfs /root --dir /root/x ");
        line.ShouldContain(" --ro-bind /root/x/artifacts/mayfly /root/x/artifacts/mayfly ");
        line.ShouldContain(" --dir /root/x/.mayfly --ro-bind /root/x/.mayfly/prepared /root/x/.mayfly/prepared ");
        line.ShouldContain(" --bind /root/x/.mayfly/store /root/x/.mayfly/store --chdir /root/x/.mayfly/store -- /usr/bin/setpriv --reuid 1900000000 ");
        line.ShouldNotContain("/usr/share/dotnet /usr/share/dotnet");
        command.Wrapped.ShouldBeTrue();
        command.OwnUser.ShouldBeTrue();
    }

    [Fact]
    public void RootInAnOpenFolder_HidesOnlyTheStateFolder()
    {
        var line = string.Join(' ', ServerLaunch.Build(Root("/srv/x/.mayfly"), Self with { Folders = ["/srv/mayfly"] }, new StateFolder("/srv/x/.mayfly"), Options).Words);
        line.ShouldContain(" --dev-bind /dev /dev --tmpfs /srv/x/.mayfly --ro-bind /srv/x/.mayfly/prepared /srv/x/.mayfly/prepared ");
        line.ShouldContain(" --bind /srv/x/.mayfly/store /srv/x/.mayfly/store ");
    }

    [Fact]
    public void RootWithoutBubblewrap_DropsRightsWhereItCanAndSaysWhatIsMissing()
    {
        var open = ServerLaunch.Build(Root("/srv/x/.mayfly") with { Bubblewrap = null }, Self with { Folders = ["/srv/mayfly"] }, new StateFolder("/srv/x/.mayfly"), Options);
        open.Words[0].ShouldBe("/usr/bin/setpriv");
        open.OpensState.ShouldBeTrue();
        open.Notice.ShouldNotBeNull().ShouldContain("bubblewrap is missing");

        var closed = ServerLaunch.Build(Root("/root", "/root/x/.mayfly") with { Bubblewrap = null }, Self, State, Options);
        closed.OwnUser.ShouldBeFalse();
        closed.Notice.ShouldNotBeNull().ShouldContain("the server runs as root: /root is closed");
    }

    [Fact]
    public void AnOrdinaryUser_RunsTheServerPlainAndSandboxdInANamespaceOfItsOwn()
    {
        var machine = new Machine { Root = false, Bubblewrap = "/usr/bin/bwrap", SetPriv = "/usr/bin/setpriv", Unshare = "/usr/bin/unshare" };
        ServerLaunch.Build(machine, Self, State, Options).Words[0].ShouldBe(Self.Words[0]);
        SandboxdLaunch.Build(machine, Self, State, serverHasOwnUser: false).Words
            .ShouldBe(["/usr/bin/unshare", "--user", "--map-root-user", "--mount", "--", Self.Words[0], "sandboxd", "--state", State.Root]);
        SandboxdLaunch.Build(machine with { Unshare = null }, Self, State, serverHasOwnUser: false).Words.ShouldBe([Self.Words[0], "sandboxd", "--state", State.Root]);
    }

    private static Machine Root(params string[] closed) => new()
    {
        Root = true,
        Bubblewrap = "/usr/bin/bwrap",
        SetPriv = "/usr/bin/setpriv",
        SetSid = "/usr/bin/setsid",
        OpenToOthers = folder => !closed.Contains(folder),
    };
}
