using System.Text;
using Mayfly.Sandboxd;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Sandboxes;
using Mayfly.Server.Scaling;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Sandboxes;

/// <summary>A real sandboxd over a folder of its own, and a client of it.</summary>
public class SandboxFixture : IAsyncLifetime
{
    public const string Hash = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private readonly CancellationTokenSource stopping = new();
    private Task serving = Task.CompletedTask;

    protected virtual string? OnlyKind => null;

    protected virtual StemPolicy Stems => new(0, 1);

    public string State { get; } = Directory.CreateTempSubdirectory("mayfly-sandboxes-").FullName;

    public string Code => Path.Combine(State, "store", "code", Hash);

    public SandboxdClient Client { get; private set; } = null!;

    public HelloMessage Hello { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Code);
        Directory.CreateDirectory(Path.Combine(State, "prepared", "shims", "probe"));
        await File.WriteAllTextAsync(Path.Combine(Code, "hello.txt"), "hello from the code\n");
        await File.WriteAllTextAsync(Path.Combine(State, "prepared", "shims", "probe", "shim.txt"), "hello from the shim\n");
        await File.WriteAllTextAsync(Path.Combine(State, "store", "store.db"), "secret");
        await File.WriteAllTextAsync(Path.Combine(State, "prepared", "interpreters.json"), "[]");
        // What the runner of the tests inherited is none of the sandboxes' business; sandboxd does the same at its start.
        LibC.SetCloseOnExecOnAll();
        serving = new SandboxdServer(new SandboxdOptions(State), TimeProvider.System) { OnlyKind = OnlyKind }.ServeAsync(stopping.Token);
        Client = new SandboxdClient(Path.Combine(State, "store"), Stems, NullLogger<SandboxdClient>.Instance);
        await Task.WhenAny(serving, Client.WaitForHelloAsync(CancellationToken.None));
        if (serving.IsCompleted)
        {
            await serving;
        }

        Hello = await Client.WaitForHelloAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
        Console.WriteLine($"sandboxes: isolation {Hello.Isolation}, cgroup {Hello.Cgroup}, rights {SandboxRightsProbe.OfThisProcess()}, missing: {string.Join("; ", Hello.Missing)}");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await stopping.CancelAsync();
        await serving;
        Directory.Delete(State, recursive: true);
        GC.SuppressFinalize(this);
    }

    public void NeedsWalls()
    {
        if (Hello.Isolation != "bubblewrap")
        {
            Assert.Skip(string.Join("; ", Hello.Missing));
        }
    }

    public static SandboxSpec Shell(string script) => Run("/bin/bash", "-c", script);

    public static SandboxSpec Run(params string[] command) => new()
    {
        Id = Guid.NewGuid().ToString("N"),
        CodeSha256 = Hash,
        Command = command,
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/tmp" },
        MemoryMb = 128,
        TmpMb = 16,
    };

    /// <summary>Runs to the end and returns all output.</summary>
    public async Task<(SandboxExit Exit, string Output)> FinishAsync(SandboxSpec spec)
    {
        await using var sandbox = await Client.StartAsync(spec, CancellationToken.None);
        var output = await ReadToEndAsync(sandbox);
        return (await sandbox.Exited.WaitAsync(TimeSpan.FromSeconds(20)), output);
    }

    /// <summary>Reads the output until the sandbox has ended and the pipe is empty, or until a text appears.</summary>
    public static async Task<string> ReadToEndAsync(Sandbox sandbox, string? until = null)
    {
        var text = new StringBuilder();
        var bytes = new byte[64 * 1024];
        var deadline = Environment.TickCount64 + 30_000;
        while (Environment.TickCount64 < deadline)
        {
            var ended = sandbox.Exited.IsCompleted;
            var count = LibC.ReadSome(sandbox.Output, bytes);
            text.Append(Encoding.UTF8.GetString(bytes, 0, Math.Max(0, count)));
            if (count == 0 || (count < 0 && ended) || (until is not null && text.ToString().Contains(until)))
            {
                return text.ToString();
            }

            if (count < 0)
            {
                await Task.Delay(5);
            }
        }

        throw new TimeoutException("The sandbox went on for too long: " + text);
    }
}
