using System.Reflection;

namespace Mayfly.Shims.DotNet;

/// <summary>The package's static logger: its actions are private fields that the managed runtime sets, and so does this.</summary>
internal static class StaticLogger
{
    /// <summary>The assembly that has it.</summary>
    public const string Package = "Amazon.Lambda.Core";

    /// <summary>Sets them, where the package's version has them.</summary>
    public static void Redirect(Assembly assembly)
    {
        if (assembly.GetType("Amazon.Lambda.Core.LambdaLogger") is not { } logger)
        {
            return;
        }

        Set("_loggingAction", static (string message) => LogWriter.Standard?.Write(new LogEntry(null, message)));
        Set("_loggingWithLevelAction", static (string level, string message, object[] arguments) => LogWriter.Standard?.Write(new LogEntry(level, message, null, arguments)));
        Set("_loggingWithLevelAndExceptionAction", static (string level, Exception error, string message, object[] arguments) => LogWriter.Standard?.Write(new LogEntry(level, message, error, arguments)));

        void Set(string field, Delegate action)
        {
            if (logger.GetField(field, BindingFlags.NonPublic | BindingFlags.Static) is { } found && found.FieldType.IsInstanceOfType(action))
            {
                found.SetValue(null, action);
            }
        }
    }
}
