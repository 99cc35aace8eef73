using System.Globalization;

namespace Mayfly.Bench;

/// <summary>The benchmark runner; <c>kestrel PORT [FILE]</c> makes the same program the bare server that others are measured beside.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) =>
        arguments is ["kestrel", var port]
            ? Processes.KestrelHello.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), "\"Hello World!\""u8.ToArray())
            : arguments is ["kestrel", var other, var answer] ? Processes.KestrelHello.RunAsync(int.Parse(other, CultureInfo.InvariantCulture), File.ReadAllBytes(answer))
            : Runner.RunAsync(arguments);
}
