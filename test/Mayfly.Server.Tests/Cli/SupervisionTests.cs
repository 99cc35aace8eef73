using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Mayfly.Supervision;

namespace Mayfly.Server.Tests.Cli;

public sealed class SupervisionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void ASecondOneInTheFolder_IsRefusedNamingPidAndEndpoint()
    {
        var state = State();
        using (StateLock.Take(state, "http://127.0.0.1:4567"))
        {
            Should.Throw<SupervisorException>(() => StateLock.Take(state, "http://127.0.0.1:4568")).Message
                .ShouldBe($"Mayfly is already running in {folder.Path}: pid {Environment.ProcessId}, http://127.0.0.1:4567. Stop it with: kill {Environment.ProcessId}");
        }

        using var again = StateLock.Take(state, "http://127.0.0.1:4568");
    }

    [Fact]
    public void APortInUse_IsRefusedNamingWhoHoldsIt()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var message = Should.Throw<SupervisorException>(() => PortCheck.RequireFree(port)).Message;
        message.ShouldStartWith($"port {port} is in use by pid {Environment.ProcessId} (");
        message.ShouldEndWith("Stop it, or choose another port with --port or MAYFLY_PORT.");
    }

    [Fact]
    public void TheStateFolder_IsPrivateAndHiddenFromGit()
    {
        var state = State();
        File.GetUnixFileMode(state.Root).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.ReadAllText(Path.Combine(state.Root, ".gitignore")).ShouldBe("*\n");
    }

    [Fact]
    public async Task AChildThatEndsBeforeItIsReady_IsToldWithItsLastLine()
    {
        using var child = new SupervisedChild("it", Command("echo first >&2; echo last >&2; exit 3"), Path.Combine(folder.Path, "child.log"), _ => { }, TimeProvider.System);
        child.Start();
        var how = await child.FailedToStart.WaitAsync(TimeSpan.FromSeconds(20));
        how.ShouldStartWith("ended with status 3: last");
    }

    [Fact]
    public async Task AChildThatDies_IsStartedAgainAndAgain()
    {
        var said = Channel.CreateUnbounded<string>();
        using var child = new SupervisedChild("it", Command("exit 7"), Path.Combine(folder.Path, "child.log"), line => said.Writer.TryWrite(line), TimeProvider.System);
        child.MarkReady();
        child.Start();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var run = 0; run < 2; run++)
        {
            (await said.Reader.ReadAsync(patience.Token)).ShouldBe($"it ended with status 7 (see {folder.Path}/child.log); starting it again");
        }

        await child.StopAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task AChildThatDoesNotListen_IsEndedWhenPatienceIsOver()
    {
        using var child = new SupervisedChild("it", Command("trap '' TERM; exec sleep 60"), Path.Combine(folder.Path, "child.log"), _ => { }, TimeProvider.System);
        child.MarkReady();
        child.Start();
        await child.StopAsync(TimeSpan.FromMilliseconds(300)).WaitAsync(TimeSpan.FromSeconds(20));
    }

    public void Dispose() => folder.Dispose();

    private static ChildCommand Command(string script) => new(["/bin/sh", "-c", script], new Dictionary<string, string>(), Path.GetTempPath());

    private StateFolder State()
    {
        var state = new StateFolder(Path.Combine(folder.Path, StateFolder.FolderName));
        state.Create();
        return state;
    }
}
