namespace Mayfly.Shims.DotNet;

/// <summary>Levels of log entries: which are written, and how each format calls them.</summary>
internal static class LogLevels
{
    private static readonly string[] Names = ["Trace", "Debug", "Information", "Warning", "Error", "Critical"];
    private static readonly string[] Labels = ["trce", "dbug", "info", "warn", "fail", "crit"];
    private static int least;

    /// <summary>Reads from the environment which are written.</summary>
    public static void Read() =>
        least = IndexOf(Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_LEVEL") ?? Environment.GetEnvironmentVariable("AWS_LAMBDA_HANDLER_LOG_LEVEL")) is var set and >= 0 ? set : 2;

    /// <summary>Whether entries of a level are written; a name that is none of the levels always is.</summary>
    public static bool IsOn(string? level) => IndexOf(level) is var index && (index < 0 || index >= least);

    /// <summary>The four letters of the text format; other names as they are.</summary>
    public static string? LabelOf(string? level) => IndexOf(level) is var index and >= 0 ? Labels[index] : level;

    /// <summary>The name in the JSON format; an entry without a level is information.</summary>
    public static string NameOf(string? level) => IndexOf(level) is var index and >= 0 ? Names[index] : Names[2];

    private static int IndexOf(string? level) => level?.ToUpperInvariant() switch
    {
        "TRACE" or "0" => 0,
        "DEBUG" or "1" => 1,
        "INFORMATION" or "INFO" or "2" => 2,
        "WARNING" or "WARN" or "3" => 3,
        "ERROR" or "4" => 4,
        "CRITICAL" or "FATAL" or "5" => 5,
        _ => -1,
    };
}
