using System.Net;
using System.Net.Sockets;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>What the machine that the tests run on has.</summary>
public static class Machine
{
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
    private static readonly HashSet<int> Taken = [];

    public static bool IsRoot => Environment.UserName == "root" || geteuid() == 0;

    /// <summary>The built binary.</summary>
    public static string MayflyAssembly => Path.Combine(AppContext.BaseDirectory, "mayfly.dll");

    /// <summary>The dotnet that runs the tests.</summary>
    public static string Dotnet { get; } = FindDotnet();

    /// <summary>A tool of the machine; the test is skipped without it.</summary>
    public static string Need(string tool, string package)
    {
        var path = Find(tool);
        Assert.SkipWhen(path is null, $"this machine has no {tool}: apt-get install {package}");
        return path!;
    }

    /// <summary>A tool, or nothing. A version manager's wrapper is not taken for one.</summary>
    public static string? Find(string tool) =>
        Folders.Where(folder => !folder.Contains("/shims", StringComparison.Ordinal)).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

    /// <summary>The Python that has boto3; the test is skipped without it.</summary>
    public static async Task<string> NeedBoto3Async()
    {
        const string python = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(python), "this machine has no python3: apt-get install python3");
        var asked = await Tool.RunAsync(python, ["-c", "import boto3"]);
        Assert.SkipUnless(asked.Status == 0, "this machine has no boto3: apt-get install python3-boto3");
        return python;
    }

    /// <summary>A Python whose boto3 knows streamed answers, the machine's own or one of a version manager; the test is skipped without it.</summary>
    public static async Task<string> NeedStreamingBoto3Async() => Found(await FindStreamingBoto3Async(), "this machine has no boto3 of 2023 or later: pip install boto3");

    /// <summary>As <see cref="NeedStreamingBoto3Async"/>, or nothing.</summary>
    public static Task<string?> FindStreamingBoto3Async() => FindPythonAsync("import boto3; boto3.client('lambda', region_name='us-east-1').invoke_with_response_stream");

    /// <summary>A Python whose boto3 and aws command line know all of today's S3; the test is skipped without it.</summary>
    public static async Task<string> NeedNewBoto3Async() =>
        Found(await FindPythonAsync("import awscli.clidriver, boto3; boto3.client('s3', region_name='us-east-1').rename_object"), "this machine has no boto3 and awscli of 2026 or later: pip install boto3 awscli");

    private static string Found(string? python, string otherwise)
    {
        Assert.SkipWhen(python is null, otherwise);
        return python!;
    }

    private static async Task<string?> FindPythonAsync(string question)
    {
        var versions = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pyenv/versions");
        string[] managed = Directory.Exists(versions) ? Directory.GetDirectories(versions) : [];
        foreach (var python in managed.Select(static version => Path.Combine(version, "bin/python3")).Append("/usr/bin/python3").Where(File.Exists))
        {
            if ((await Tool.RunAsync(python, ["-c", question])).Status == 0)
            {
                return python;
            }
        }

        return null;
    }

    /// <summary>Skips a test that only proves something where sandboxes are possible.</summary>
    public static async Task NeedSandboxesAsync()
    {
        var bwrap = Need("bwrap", "bubblewrap");
        var tried = await Tool.RunAsync(bwrap, ["--unshare-all", "--ro-bind", "/", "/", "true"]);
        Assert.SkipUnless(tried.Status == 0, $"this machine does not let this user make sandboxes: {tried.Error.Trim()}");
    }

    /// <summary>A port that nobody listens on, a new one each time.</summary>
    public static int FreePort()
    {
        lock (Taken)
        {
            while (true)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
                if (Taken.Add(port))
                {
                    return port;
                }
            }
        }
    }

    private static string FindDotnet()
    {
        var root = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        return File.Exists(Path.Combine(root, "dotnet")) ? Path.Combine(root, "dotnet") : "dotnet";
    }

    [System.Runtime.InteropServices.DllImport("libc")]
    private static extern uint geteuid();
}
