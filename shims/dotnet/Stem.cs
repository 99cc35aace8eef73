using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mayfly.Shims.DotNet;

/// <summary>A process that is warm before anybody knows for which function (docs/paths/frames.md).</summary>
internal static partial class Stem
{
    private const int Rounds = 10;

    /// <summary>Warms up, waits, and takes on the function's environment; false when the server is gone instead.</summary>
    public static bool Park(FrameChannel channel)
    {
        Warm();
        channel.Send(FrameType.Warm, 0, []);
        if (!channel.TryReceive(out var type, out _, out var payload) || type != FrameType.Assign)
        {
            return false;
        }

        Become(Read(payload));
        return true;
    }

    /// <summary>Runs all that a start and a first call run, with this program as the function: its code is then compiled and what it uses loaded.</summary>
    private static void Warm()
    {
        LogWriter.Install(TextWriter.Null, TextWriter.Null);
        using var nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        var channel = new FrameChannel((int)nowhere.DangerousGetHandle());
        var payload = Payload("""{"name":"text","numbers":[1,2],"fields":{"name":"text"}}"""u8);
        foreach (var method in (ReadOnlySpan<string>)["Bytes", "Objects", "Records", "Later", "Custom"])
        {
            var handler = UserCode.Load(AppContext.BaseDirectory, "mayfly-warm::Mayfly.Shims.DotNet.Warm.WarmFunction::" + method);
            for (var round = 0; round < Rounds; round++)
            {
                Answering.AnswerAlone(channel, handler, 1, payload);
            }
        }

        // The serializer sweeps a cache of this shape when it has not been used for a while, as after a long wait.
        foreach (var _ in new ConcurrentDictionary<(string, Type, Type), object> { [("", typeof(Stem), typeof(Stem))] = "" })
        {
        }

        var environment = JsonSerializer.SerializeToUtf8Bytes(Environment.GetEnvironmentVariables());
        for (var round = 0; round < Rounds; round++)
        {
            Become(Read(environment));
        }
    }

    /// <summary>The content of an invocation's frame.</summary>
    private static byte[] Payload(ReadOnlySpan<byte> @event)
    {
        const int deadline = 8, texts = 6;
        var payload = new byte[deadline + (texts * 2) + @event.Length];
        @event.CopyTo(payload.AsSpan(payload.Length - @event.Length));
        return payload;
    }

    private static List<KeyValuePair<string, string>> Read(byte[] json)
    {
        var variables = new List<KeyValuePair<string, string>>();
        var reader = new Utf8JsonReader(json);
        string? name = null;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                name = reader.GetString();
            }
            else if (reader.TokenType == JsonTokenType.String)
            {
                variables.Add(new(name!, reader.GetString()!));
            }
        }

        return variables;
    }

    /// <summary>Takes on an environment, for .NET and for native code, and what the framework remembers of the old one.</summary>
    private static void Become(List<KeyValuePair<string, string>> variables)
    {
        foreach (string name in Environment.GetEnvironmentVariables().Keys)
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        _ = clearenv();
        foreach (var (name, value) in variables)
        {
            Environment.SetEnvironmentVariable(name, value);
            _ = setenv(name, value, 1);
        }

        TimeZoneInfo.ClearCachedData();
        Directory.SetCurrentDirectory(Environment.GetEnvironmentVariable("LAMBDA_TASK_ROOT") ?? "/");
    }

    [LibraryImport("libc")]
    private static partial int clearenv();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
