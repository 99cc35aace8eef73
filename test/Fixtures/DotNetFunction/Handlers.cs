using System.Globalization;
using System.Text.Json;
using Amazon.Lambda.Core;

namespace Fixture;

public sealed record Order(int Id, string? Note = null);

public sealed class Upper : ILambdaSerializer
{
    public T Deserialize<T>(Stream requestStream) =>
        JsonSerializer.Deserialize<T>(new StreamReader(requestStream).ReadToEnd().ToUpperInvariant().Replace("\"ID\"", "\"Id\"").Replace("\"NOTE\"", "\"Note\""))!;

    public void Serialize<T>(T response, Stream responseStream) => JsonSerializer.Serialize(responseStream, response);
}

public sealed class Handlers
{
    private static readonly List<int> Met = [];
    private int calls;

    public static Order Poco(Order order) => order with { Id = order.Id + 1 };

    public int Count() => ++calls;

    public string Text(string text) => text + "!";

    public void Nothing(Order order) => Console.WriteLine($"order {order.Id}");

    public async Task<Order> Later(Order order)
    {
        await Task.Yield();
        return order with { Id = order.Id + 1 };
    }

    public async ValueTask<int> Soon(Order order)
    {
        await Task.Yield();
        return order.Id;
    }

    public async Task LaterNothing() => await Task.Yield();

    public Stream Bytes(Stream input)
    {
        var copy = new MemoryStream();
        input.CopyTo(copy);
        return copy;
    }

    [LambdaSerializer(typeof(Upper))]
    public Order Custom(Order order) => order;

    public string[] Context(Order order, ILambdaContext context)
    {
        context.Logger.LogLine("line");
        context.Logger.LogWarning("careful");
        context.Logger.Log(LogLevel.Error, "bad");
        return
        [
            context.AwsRequestId, context.FunctionName, context.FunctionVersion, context.InvokedFunctionArn,
            context.MemoryLimitInMB.ToString(CultureInfo.InvariantCulture), (context.RemainingTime.TotalSeconds is > 0 and <= 3).ToString(),
            context.Identity.IdentityId, context.ClientContext.Custom["a"], context.ClientContext.Client.AppTitle, context.TenantId ?? "none",
        ];
    }

    public async Task<int> Throws(int depth)
    {
        await Task.Yield();
        throw new InvalidOperationException("wrong", new NotSupportedException("inner"));
    }

    public int Exit(int status)
    {
        Environment.Exit(status);
        return 0;
    }

    public string Long(int length) => new('x', length);

    /// <summary>Comes back when as many calls run as it is told.</summary>
    public string Meet(int count)
    {
        Console.WriteLine("waiting");
        lock (Met)
        {
            Met.Add(1);
            Monitor.PulseAll(Met);
            while (Met.Count < count)
            {
                Monitor.Wait(Met);
            }
        }

        Console.WriteLine("met");
        return Environment.GetEnvironmentVariable("_X_AMZN_TRACE_ID") ?? "none";
    }

    public SortedDictionary<string, string> Surroundings(string name)
    {
        using var child = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/usr/bin/env") { UseShellExecute = false, RedirectStandardOutput = true })!;
        var seen = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["variables"] = string.Join('\n', Environment.GetEnvironmentVariables().Keys.Cast<string>().Order(StringComparer.Ordinal).Select(key => $"{key}={Environment.GetEnvironmentVariable(key)}")),
            ["child"] = string.Join('\n', child.StandardOutput.ReadToEnd().Split('\n').Order(StringComparer.Ordinal)),
            ["native"] = System.Runtime.InteropServices.Marshal.PtrToStringUTF8(getenv(name)) ?? "none",
            ["folder"] = Environment.CurrentDirectory,
            ["zone"] = TimeZoneInfo.Local.Id,
            ["culture"] = CultureInfo.CurrentCulture.Name,
        };
        return seen;
    }

    [System.Runtime.InteropServices.DllImport("libc")]
    private static extern nint getenv(string name);

    public int Overloaded() => 1;

    public int Overloaded(int n) => n;
}

public sealed class BrokenConstructor
{
    public BrokenConstructor() => throw new FormatException("no setting");

    public int Run() => 1;
}
