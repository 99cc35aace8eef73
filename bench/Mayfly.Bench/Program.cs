using System.Globalization;
using Mayfly.Bench.Processes;

namespace Mayfly.Bench;

/// <summary>The benchmark runner; <c>kestrel PORT [FILE]</c>, <c>kestrel-store PORT FILE</c> and <c>kestrel-objects PORT FOLDER</c> make the same program a bare server that others are measured beside.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) =>
        arguments is [KestrelHello.Plain or KestrelHello.Inline, var port, .. var answer]
            ? KestrelHello.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), answer is [var file] ? File.ReadAllBytes(file) : "\"Hello World!\""u8.ToArray(), arguments[0] == KestrelHello.Inline)
            : arguments is [KestrelStore.Name, var at, var database] ? KestrelStore.RunAsync(int.Parse(at, CultureInfo.InvariantCulture), database)
            : arguments is [KestrelObjects.Name, var there, var folder] ? KestrelObjects.RunAsync(int.Parse(there, CultureInfo.InvariantCulture), folder)
            : Runner.RunAsync(arguments);
}
