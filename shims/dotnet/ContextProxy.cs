using System.Reflection;

namespace Mayfly.Shims.DotNet;

/// <summary>Stands behind <c>ILambdaContext</c> and its parts as the function's own package declares them.</summary>
internal class ContextProxy : DispatchProxy
{
    private IReadOnlyDictionary<string, Func<object?>> values = new Dictionary<string, Func<object?>>(StringComparer.Ordinal);

    /// <summary>Makes an object that implements the interface with these property values.</summary>
    public static object Create(Type contract, IReadOnlyDictionary<string, Func<object?>> values)
    {
        var proxy = Create(contract, typeof(ContextProxy));
        ((ContextProxy)proxy).values = values;
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
        var value = name.StartsWith("get_", StringComparison.Ordinal) && values.TryGetValue(name[4..], out var get) ? get() : null;
        if (value is IReadOnlyDictionary<string, Func<object?>> nested)
        {
            return Create(targetMethod.ReturnType, nested);
        }

        return value ?? (targetMethod.ReturnType.IsValueType && targetMethod.ReturnType != typeof(void) ? Activator.CreateInstance(targetMethod.ReturnType) : null);
    }

    // Log(text), LogLine(text), LogWarning(text), LogWarning(exception, text), Log(level, text), Log(level, exception, text, params arguments)
    private static void Log(string name, object?[] args)
    {
        var level = name switch
        {
            "Log" when args.Length > 1 => Level(args[0]?.ToString()),
            "Log" or "LogLine" => "info",
            _ => Level(name[3..]),
        };
        var texts = args.Skip(name == "Log" && args.Length > 1 ? 1 : 0).SelectMany(a => a switch
        {
            null => [],
            object?[] { Length: 0 } => [],
            object?[] many => [string.Join(' ', many)],
            var one => new[] { one.ToString() ?? "" },
        });
        var message = string.Join(' ', texts).TrimEnd('\n');
        LogWriter.Standard?.WriteEntry(level, message);
    }

    private static string Level(string? name) => name switch
    {
        "Trace" => "trce",
        "Debug" => "dbug",
        "Warning" => "warn",
        "Error" => "fail",
        "Critical" => "crit",
        _ => "info",
    };
}
