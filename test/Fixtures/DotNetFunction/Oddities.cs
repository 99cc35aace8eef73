using System.Text.Json;
using Amazon.Lambda.Core;

namespace Fixture;

public sealed record OddEvent(string Case, int[]? Numbers = null);

public sealed class ShopException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>One handler for every case whose return type does not matter.</summary>
public sealed class Oddities
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public object? Handle(OddEvent odd, ILambdaContext context) => odd.Case switch
    {
        "null" => null,
        "text" => "ä € 𝄞",
        "date" => new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        "decimal" => new[] { 1.10m, decimal.MaxValue },
        "keys" => new Dictionary<int, string> { [1] = "a" },
        "enum" => DayOfWeek.Friday,
        "nan" => double.NaN,
        "circular" => Circular(),
        "stream" => new object(),
        "throw" => throw new ShopException("no stock"),
        "cause" => throw new ShopException("outer", new FormatException("inner")),
        "aggregate" => throw new AggregateException("several", new FormatException("a"), new ShopException("b")),
        "aggregate-one" => throw new AggregateException(new FormatException("only")),
        "task" => Task.FromException<int>(new ShopException("in a task")).Result,
        "type" => Broken.Value,
        "overflow" => checked(int.MaxValue + odd.Numbers!.Length),
        "exit" => Exit(3),
        "log" => Log(context),
        "context" => new object?[]
        {
            context.FunctionName, context.FunctionVersion, context.InvokedFunctionArn, context.LogGroupName, context.MemoryLimitInMB,
            context.RemainingTime.TotalSeconds is > 0 and <= 5, context.Identity.IdentityId, context.ClientContext is null,
        },
        _ => throw new ShopException(JsonSerializer.Serialize(odd, Web)),
    };

    public static async Task<int> FailsLater(OddEvent odd)
    {
        await Task.Yield();
        throw new ShopException("later");
    }

    public static void Nothing() => Console.WriteLine();

    private static readonly Dictionary<string, Task<string>> Tasks = [];

    public static Task<string>? NoTask() => Tasks.GetValueOrDefault("none");

    public static string Text(string text) => text;

    public static Stream Stream(Stream input) => input;

    public async void AsyncVoid() => await Task.Yield();

    public T Generic<T>(T value) => value;

    public int Three(int a, ILambdaContext context, int b) => a + b;

    public int Second(int a, int b) => a + b;

    public int Many(params int[] numbers) => numbers.Length;

    private static Dictionary<string, object> Circular()
    {
        var loop = new Dictionary<string, object>();
        loop["a"] = loop;
        return loop;
    }

    private static object Exit(int status)
    {
        Environment.Exit(status);
        return status;
    }

    private static object? Log(ILambdaContext context)
    {
        Console.WriteLine("line");
        Console.WriteLine("two\nlines");
        Console.WriteLine(1.5m);
        Console.Error.WriteLine("error");
        Console.Write("raw\n");
        context.Logger.Log("logged raw\n");
        context.Logger.LogLine("logged line");
        context.Logger.Log(LogLevel.Debug, "not shown");
        context.Logger.Log(LogLevel.Warning, "careful");
        LambdaLogger.Log("static");
        return null;
    }

    private static class Broken
    {
        public static readonly int Value = int.Parse("no number", null);
    }
}

public static class BrokenInitializer
{
    private static readonly int Value = int.Parse("no number", null);

    public static int Run() => Value;
}

public abstract class Unmade
{
    public int Run() => 1;
}

public sealed class NoWay(int size)
{
    public int Run() => size;
}
