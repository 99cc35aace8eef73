using System.Globalization;

namespace Mayfly.Bench;

/// <summary>The benchmark runner; <c>kestrel PORT</c> makes the same program the bare server that others are measured beside.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) =>
        arguments is ["kestrel", var port]
            ? Processes.KestrelHello.RunAsync(int.Parse(port, CultureInfo.InvariantCulture))
            : Runner.RunAsync(arguments);
}
