using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Tests.Shims;

/// <summary>A shim as a real process, with a real socketpair on descriptor 3.</summary>
internal sealed partial class ShimProcess : ShimWire
{
    private static readonly Lazy<string> Unpacked = new(() =>
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "shims-unpacked");
        ShimsArchive.UnpackTo(folder);
        return folder;
    });

    private readonly StringBuilder output = new();
    private readonly Task reading;

    private ShimProcess(Process process, Socket socket)
        : base(socket)
    {
        Process = process;
        reading = Task.WhenAll(CollectAsync(process.StandardOutput), CollectAsync(process.StandardError));
    }

    public Process Process { get; }

    public override string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    public static string ShimsFolder => Unpacked.Value;

    public static ShimProcess Start(RuntimeCatalog catalog, string runtime, string handler, string codeFolder, params (string Key, string Value)[] environment)
    {
        catalog.TryPlan(new FunctionConfig { Runtime = runtime, Handler = handler }, out var plan, out var missing).ShouldBeTrue(missing);
        return Start(plan!.Command, plan.Shim!, codeFolder, FunctionVariables(plan, handler, codeFolder, environment));
    }

    /// <summary>Starts a stem, and waits until it is warm.</summary>
    public static ShimProcess StartStem(RuntimeCatalog catalog, string runtime)
    {
        catalog.TryPlan(new FunctionConfig { Runtime = runtime, Handler = "a::b::c" }, out var plan, out var missing).ShouldBeTrue(missing);
        var order = plan!.Stem.ShouldNotBeNull().Order;
        var shim = Start(order.Command, order.Shim, "/", order.Environment);
        shim.Receive().ShouldBe(((byte)24, 0, ""), shim.Output);
        return shim;
    }

    /// <summary>What a function finds in its environment.</summary>
    public static Dictionary<string, string> FunctionVariables(LaunchPlan plan, string handler, string codeFolder, params (string Key, string Value)[] environment)
    {
        var all = plan.Environment.ToDictionary(entry => entry.Key, entry => Real(entry.Value, plan.Shim!, codeFolder));
        all["_HANDLER"] = handler;
        all["LAMBDA_TASK_ROOT"] = codeFolder;
        all["AWS_LAMBDA_FUNCTION_NAME"] = "hello";
        all["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST";
        all["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "128";
        all["AWS_LAMBDA_LOG_GROUP_NAME"] = "/aws/lambda/hello";
        foreach (var (key, value) in environment)
        {
            all[key] = value;
        }

        return all;
    }

    private static string Real(string text, string shim, string codeFolder) =>
        text.Replace("/var/task", codeFolder, StringComparison.Ordinal).Replace("/var/runtime", Path.Combine(ShimsFolder, shim), StringComparison.Ordinal);

    private static ShimProcess Start(IEnumerable<string> command, string shim, string codeFolder, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var pair = new int[2];
        socketpair(1, 1 | 0x80000, 0, pair).ShouldBe(0);

        // The shell moves the descriptor: a process of .NET has no way to pass one on.
        var clone = fcntl(pair[1], 0, 100);
        var start = new ProcessStartInfo("/bin/bash") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = codeFolder };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec 3<>/dev/null; exec 3>&{clone} {clone}>&- ; exec \"$@\"");
        start.ArgumentList.Add("shim");
        foreach (var word in command)
        {
            start.ArgumentList.Add(Real(word, shim, codeFolder));
        }

        start.Environment.Clear();
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = Real(value, shim, codeFolder);
        }

        var process = Process.Start(start)!;
        close(clone);
        close(pair[1]);
        return new(process, new Socket(new SafeSocketHandle(pair[0], ownsHandle: true)) { ReceiveTimeout = 20_000 });
    }

    public static ShimProcess StartReady(RuntimeCatalog catalog, string runtime, string handler, string codeFolder, params (string Key, string Value)[] environment)
    {
        var shim = Start(catalog, runtime, handler, codeFolder, environment);
        var (type, _, payload) = shim.Receive();
        type.ShouldBe((byte)16, payload + "\n" + shim.Output);
        return shim;
    }

    public JsonElement ReceiveInitError()
    {
        var (type, slot, payload) = Receive();
        type.ShouldBe((byte)17, payload);
        slot.ShouldBe(0);
        ExitCode().ShouldBeOneOf(1, 128, 129);
        return JsonSerializer.Deserialize<JsonElement>(payload);
    }

    public int ExitCode()
    {
        Process.WaitForExit(20_000).ShouldBeTrue();
        reading.Wait(20_000).ShouldBeTrue();
        return Process.ExitCode;
    }

    /// <summary>Stops the shim and returns all that it printed.</summary>
    public string Stop()
    {
        Send(2, 0, []);
        ExitCode().ShouldBe(0);
        return Output;
    }

    public override void Dispose()
    {
        base.Dispose();
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
        }

        Process.Dispose();
    }

    // Not by lines: a carriage return must arrive as it was written.
    private async Task CollectAsync(StreamReader reader)
    {
        var buffer = new char[4096];
        for (int read; (read = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
        {
            lock (output)
            {
                output.Append(buffer, 0, read);
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int domain, int type, int protocol, [Out] int[] pair);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
