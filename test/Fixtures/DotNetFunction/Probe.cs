using System.Collections;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fixture;

/// <summary>The words of <c>Fixtures/isolation/probe.py</c>: what probes do from inside a function, step by step.</summary>
public static partial class Probe
{
    public static JsonArray Handle(JsonObject call) => [.. call["steps"]!.AsArray().Select(static step => CarryOut(step!.AsObject()))];

    private static JsonNode CarryOut(JsonObject step)
    {
        try
        {
            return (string)step["do"]! == "call" ? Call(step) : new JsonObject { ["ok"] = Do(step) };
        }
        catch (Exception e)
        {
            return new JsonObject { ["error"] = e is SocketException { SocketErrorCode: var code } ? code.ToString() : e.GetType().Name };
        }
    }

    private static JsonNode? Do(JsonObject step) => (string)step["do"]! switch
    {
        "read" => Read(Text(step, "path"), (int?)step["bytes"] ?? 65536),
        "list" => new JsonArray([.. new DirectoryInfo(Text(step, "path")).EnumerateFileSystemInfos().Select(static found => JsonValue.Create(found.Name))]),
        "link" => LinkOf(Text(step, "path")),
        "write" => Write(Text(step, "path")),
        "talk" => Talk(Text(step, "host"), (int)step["port"]!, (string?)step["text"] ?? ""),
        "unix" => Unix(Text(step, "path"), (bool?)step["packets"] ?? false),
        "run" => Run([.. step["words"]!.AsArray().Select(static word => (string)word!)]),
        "bomb" => Explode(Text(step, "kind")),
        "environment" => JsonSerializer.SerializeToNode(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(static one => (string)one.Key, static one => (string?)one.Value)),
        var word => throw new NotSupportedException(word),
    };

    private static string Text(JsonObject step, string name) => (string)step[name]!;

    private static string Read(string path, int bytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
        var buffer = new byte[bytes];
        return Encoding.Latin1.GetString(buffer, 0, file.ReadAtLeast(buffer, bytes, throwOnEndOfStream: false));
    }

    private static string LinkOf(string path)
    {
        var buffer = new byte[4096];
        var length = ReadLink(path, buffer, buffer.Length);
        return length < 0 ? throw new IOException() : Encoding.UTF8.GetString(buffer, 0, (int)length);
    }

    private static string Write(string path)
    {
        var created = !File.Exists(path);
        File.AppendAllText(path, "x");
        if (created)
        {
            File.Delete(path);
        }

        return "written";
    }

    private static string Talk(string host, int port, string text)
    {
        using var client = new TcpClient(AddressFamily.InterNetwork);
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1)))
        {
            client.ConnectAsync(host, port, limit.Token).AsTask().GetAwaiter().GetResult();
        }

        if (text.Length == 0)
        {
            return "";
        }

        client.ReceiveTimeout = 5000;
        client.Client.Send(Encoding.UTF8.GetBytes(text));
        using var all = new MemoryStream();
        client.GetStream().CopyTo(all);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    private static string Unix(string path, bool packets)
    {
        using var socket = new Socket(AddressFamily.Unix, packets ? SocketType.Seqpacket : SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path.StartsWith('@') ? "\0" + path[1..] : path));
        return "connected";
    }

    private static JsonObject Run(string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return new() { ["status"] = process.ExitCode, ["output"] = output };
    }

    private static JsonObject Call(JsonObject step)
    {
        var texts = new List<nint>();
        var arguments = new long[6];
        foreach (var (argument, index) in step["arguments"]!.AsArray().Select(static (argument, index) => (argument!, index)))
        {
            if (argument.GetValueKind() == JsonValueKind.String)
            {
                texts.Add(Marshal.StringToCoTaskMemUTF8((string)argument!));
                arguments[index] = texts[^1];
            }
            else
            {
                arguments[index] = (long)argument;
            }
        }

        var result = SystemCall((long)step["number"]!, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
        var error = Marshal.GetLastPInvokeError();
        texts.ForEach(Marshal.FreeCoTaskMem);
        return result == -1 ? new() { ["error"] = error } : new() { ["ok"] = result };
    }

    private static JsonNode Explode(string kind)
    {
        switch (kind)
        {
            case "files":
                return UntilRefused(static () => File.OpenHandle("/dev/null"), static handle => handle.Dispose());
            case "processes":
                return UntilRefused(static () => Process.Start("/bin/sleep", "60"), static process => process.Kill());
            case "disk":
                using (var file = new FileStream("/tmp/bomb", FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose))
                {
                    var chunk = new byte[1 << 20];
                    return UntilRefused(
                        () =>
                        {
                            file.Write(chunk);
                            return 0;
                        },
                        static _ => { });
                }

            case "memory":
                for (var hoard = new List<byte[]>(); ; hoard.Add(new byte[8 << 20]))
                {
                    if (hoard.Count > 0)
                    {
                        Array.Fill(hoard[^1], (byte)1);
                    }
                }

            case "log":
                var line = new string('p', 1023);
                for (var count = 0; count < 64 * 1024; count++)
                {
                    Console.WriteLine(line);
                }

                return "printed";
            default:
                while (true)
                {
                }
        }
    }

    private static JsonObject UntilRefused<T>(Func<T> take, Action<T> give)
    {
        var taken = new List<T>();
        try
        {
            while (true)
            {
                taken.Add(take());
            }
        }
        catch (Exception e) when (e is IOException or System.ComponentModel.Win32Exception)
        {
            // Counted before anything is given back; the runtime's message names the cause.
            return new() { ["taken"] = taken.Count, ["refused"] = e.Message };
        }
        finally
        {
            taken.ForEach(give);
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, long a, long b, long c, long d, long e, long f);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLink(string path, byte[] buffer, nint size);
}
