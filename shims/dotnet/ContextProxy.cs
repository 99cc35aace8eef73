using System.Reflection;

namespace Mayfly.Shims.DotNet;

/// <summary>Stands behind <c>ILambdaContext</c> and its parts as the function's own package declares them.</summary>
internal class ContextProxy : DispatchProxy
{
    private Func<string, object?> properties = static _ => null;

    /// <summary>Makes an object that implements the interface with these properties; one that gives such a function stands for a nested interface.</summary>
    public static object Create(Type contract, Func<string, object?> properties)
    {
        var proxy = Create(contract, typeof(ContextProxy));
        ((ContextProxy)proxy).properties = properties;
        return proxy;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var name = targetMethod!.Name;
        if (name.StartsWith("Log", StringComparison.Ordinal))
        {
            Log(name, args ?? []);
            return null;
        }

        // A property that a newer package adds reads as its default.
        var value = properties(name);
        if (value is Func<string, object?> nested)
        {
            return Create(targetMethod.ReturnType, nested);
        }

        return value ?? (targetMethod.ReturnType.IsValueType && targetMethod.ReturnType != typeof(void) ? Activator.CreateInstance(targetMethod.ReturnType) : null);
    }

    // Log(text) writes the text as it is. The others make entries: LogLine(text), LogWarning(text, params arguments),
    // LogWarning(exception, text, params arguments), Log(level, text, params arguments), Log(level, exception, text, params arguments).
    private static void Log(string name, object?[] args)
    {
        if (name == "Log" && args.Length == 1)
        {
            Console.Out.Write(args[0]?.ToString());
            return;
        }

        var level = name == "Log" ? args[0]?.ToString() : name == "LogLine" ? "Information" : name[3..];
        var rest = name == "Log" ? args[1..] : args;
        var error = rest is [Exception thrown, ..] ? thrown : null;
        rest = error is null ? rest : rest[1..];
        LogWriter.Standard?.Write(new LogEntry(level, rest is [var message, ..] ? message?.ToString() : "", error, rest is [_, object?[] arguments, ..] ? arguments : []));
    }
}
