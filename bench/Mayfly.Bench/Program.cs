using System.Globalization;
using Mayfly.Bench.Processes;

namespace Mayfly.Bench;

/// <summary>The benchmark runner; <c>kestrel PORT [FILE]</c> makes the same program the bare server that others are measured beside.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) =>
        arguments is [KestrelHello.Plain or KestrelHello.Inline, var port, .. var answer]
            ? KestrelHello.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), answer is [var file] ? File.ReadAllBytes(file) : "\"Hello World!\""u8.ToArray(), arguments[0] == KestrelHello.Inline)
            : Runner.RunAsync(arguments);
}
