using Mayfly.Bench.Processes;

namespace Mayfly.Bench;

/// <summary>Where things are.</summary>
/// <param name="hello">The folder with the functions that are measured.</param>
/// <param name="mayfly">The program to measure, if there is one.</param>
/// <param name="looked">Where it was looked for.</param>
internal sealed class Places(string hello, string? mayfly, IReadOnlyList<string> looked)
{
    private const string CSharpOutput = "csharp/bin/Release/net10.0";

    /// <summary>The folder with the functions that are measured.</summary>
    public string Hello => hello;

    /// <summary>The program to measure.</summary>
    /// <exception cref="BenchException">It is not built.</exception>
    public string Mayfly => mayfly ?? throw new BenchException($"the mayfly program is not built (looked for {string.Join(", ", looked)}); run: ./dev build");

    /// <summary>What a warm invocation may allocate.</summary>
    public string Allocations => Path.Combine(Path.GetDirectoryName(hello)!, "allocations.json");

    /// <summary>What makes syncs slow.</summary>
    public string SlowSync => Path.Combine(Path.GetDirectoryName(hello)!, "slow_sync.c");

    /// <summary>Where npm's packages go.</summary>
    public string Npm => Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(hello))!, "artifacts", "npm");

    /// <summary>The C# hello: a program that prints, and the function that is in it.</summary>
    public string CSharp => Path.Combine(hello, CSharpOutput, "Hello.dll");

    /// <summary>The code of a function: nothing but its own, since what else lies beside it decides how it starts.</summary>
    public IEnumerable<string> FilesOf(HelloFunction function)
    {
        var name = function.Handler.Split('.')[0];
        return function.Runtime switch
        {
            HelloFunction.Python => [Path.Combine(hello, name + ".py")],
            HelloFunction.Node => [Path.Combine(hello, name + ".js")],
            _ => ((string[])["Hello.dll", "Hello.deps.json", "Hello.runtimeconfig.json"]).Select(file => Path.Combine(hello, CSharpOutput, file)),
        };
    }

    public static Places Find(Options options)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Mayfly.slnx")))
        {
            root = root.Parent;
        }

        var folder = root?.FullName ?? throw new BenchException("the runner is not inside the repository");
        string[] candidates = options.Mayfly is { } asked
            ? [asked]
            : [Path.Combine(folder, "artifacts/mayfly/mayfly"), Path.Combine(folder, "artifacts/mayfly"), Path.Combine(folder, "src/Mayfly/bin/Release/net10.0/mayfly")];
        return new(Path.Combine(folder, "bench/hello"), candidates.FirstOrDefault(File.Exists), candidates);
    }
}
