using System.Diagnostics;
using System.Net.Sockets;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Machines;

namespace Mayfly.Bench.Processes;

/// <summary>A server of ours for one run: started, waited for, and stopped with everything below it.</summary>
internal sealed class ChildServer : IAsyncDisposable
{
    /// <summary>How often a server that is starting is asked.</summary>
    private static readonly TimeSpan s_pollPeriod = TimeSpan.FromMilliseconds(2);

    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(8);
    private readonly Queue<string> _output = new();
    private readonly long _started;

    private ChildServer(string program, IEnumerable<string> arguments, int port, string? folder = null, string? preload = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        UseTheMachinesOwnInterpreters(start);
        if (preload is not null)
        {
            start.Environment["LD_PRELOAD"] = preload;
        }

        Port = port;
        _started = Stopwatch.GetTimestamp();
        Process = Process.Start(start) ?? throw new BenchException($"{program} did not start");
        Process.OutputDataReceived += Keep;
        Process.ErrorDataReceived += Keep;
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    public Process Process { get; }

    public int Port { get; }

    /// <summary>The process and everything below it, now.</summary>
    public IReadOnlyList<int> Tree => ProcessTree.Of(Process.Id);

    // A version manager compiles without profiles, often, and such a Python takes twice the time: where the machine has
    // interpreters of its own, those in the home folder are not looked for.
    private static void UseTheMachinesOwnInterpreters(ProcessStartInfo start)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + "/";
        if (!File.Exists("/usr/bin/python3"))
        {
            return;
        }

        start.Environment["HOME"] = "/nonexistent";
        start.Environment["PATH"] = string.Join(':', (start.Environment["PATH"] ?? "").Split(':').Where(folder => !folder.StartsWith(home, StringComparison.Ordinal)));
    }

    /// <summary>Starts a server; it need not answer yet.</summary>
    /// <param name="preload">A library that is loaded into it and what it starts.</param>
    public static ChildServer Start(string program, IEnumerable<string> arguments, int port, string? folder = null, string? preload = null) => new(program, arguments, port, folder, preload);

    /// <summary>The bare Kestrel server: this program, started anew.</summary>
    /// <param name="answer">The file that holds its answer; <see langword="null"/> for that of the functions.</param>
    /// <param name="inline">Whether it answers on the thread that reads the socket.</param>
    public static ChildServer StartKestrel(string? answer = null, bool inline = false)
    {
        var port = Programs.FreePort();
        var kind = inline ? KestrelHello.Inline : KestrelHello.Plain;
        return new(Environment.ProcessPath!, answer is null ? [kind, Digits(port)] : [kind, Digits(port), answer], port);
    }

    /// <summary>The bare server that keeps what it gets in a file.</summary>
    public static ChildServer StartKestrelStore(string file)
    {
        var port = Programs.FreePort();
        return new(Environment.ProcessPath!, [KestrelStore.Name, Digits(port), file], port);
    }

    /// <summary>The bare server that keeps objects in a folder.</summary>
    public static ChildServer StartKestrelObjects(string folder)
    {
        var port = Programs.FreePort();
        return new(Environment.ProcessPath!, [KestrelObjects.Name, Digits(port), folder], port);
    }

    /// <summary>The bare Node server.</summary>
    public static ChildServer StartNode(string program, string script)
    {
        var port = Programs.FreePort();
        return new(program, [script, Digits(port)], port);
    }

    /// <summary>Asks a path with a raw socket until the first good answer.</summary>
    /// <returns>The time since the start of the process.</returns>
    /// <exception cref="BenchException">It ended, or took too long.</exception>
    public async Task<TimeSpan> WaitAsync(string path, CancellationToken cancellationToken)
    {
        var request = HttpConnection.Request("GET", path);
        var last = "nobody listened";
        while (true)
        {
            try
            {
                using var connection = new HttpConnection(Port);
                var reply = connection.Call(request);
                if (reply.Status == 200)
                {
                    return Stopwatch.GetElapsedTime(_started);
                }

                last = $"status {reply.Status}: {reply.Body}";
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // Not up yet.
            }

            if (Process.HasExited || Stopwatch.GetElapsedTime(_started) > s_startLimit)
            {
                throw new BenchException($"{Process.StartInfo.FileName} {(Process.HasExited ? "ended" : "gave no good answer")} on {path} ({last}). It said:\n{Said}");
            }

            await Task.Delay(s_pollPeriod, cancellationToken);
        }
    }

    /// <summary>Waits until it takes connections.</summary>
    /// <exception cref="BenchException">It ended, or took too long.</exception>
    public async Task WaitListeningAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                new HttpConnection(Port).Dispose();
                return;
            }
            catch (SocketException) when (!Process.HasExited && Stopwatch.GetElapsedTime(_started) < s_startLimit)
            {
                await Task.Delay(s_pollPeriod, cancellationToken);
            }
            catch (SocketException)
            {
                throw new BenchException($"{Process.StartInfo.FileName} does not listen. It said:\n{Said}");
            }
        }
    }

    /// <summary>The last lines that it printed.</summary>
    public string Said
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>Asks it to stop as a user does, and ends what is left.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> StopAsync()
    {
        var began = Stopwatch.GetTimestamp();
        if (Process.HasExited)
        {
            return TimeSpan.Zero;
        }

        var tree = Tree;
        using (var kill = Process.Start("kill", ["-TERM", Digits(Process.Id)]))
        {
            await kill.WaitForExitAsync();
        }

        // The input of our own small servers ends, and with it they do.
        Process.StandardInput.Close();
        using var limit = new CancellationTokenSource(s_stopLimit);
        try
        {
            await Process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Process.Kill(entireProcessTree: true);
            foreach (var id in tree.Skip(1))
            {
                EndQuietly(id);
            }
        }

        return Stopwatch.GetElapsedTime(began);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Process.Dispose();
    }

    private static void EndQuietly(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It is gone.
        }
    }

    private static string Digits(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not { } text)
        {
            return;
        }

        lock (_output)
        {
            _output.Enqueue(text);
            if (_output.Count > 20)
            {
                _output.Dequeue();
            }
        }
    }
}
