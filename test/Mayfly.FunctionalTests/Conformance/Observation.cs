using System.Globalization;
using System.Text.RegularExpressions;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Conformance;

/// <summary>What one case showed, without what differs from run to run and from machine to machine.</summary>
public sealed partial record Observation(int Status, string? FunctionError, string Payload, string Log, string Report)
{
    private const int Longest = 1500;

    /// <summary>Takes what a call showed apart.</summary>
    public static Observation Of(Invoked seen)
    {
        var report = seen.Log.Split('\n').LastOrDefault(static line => line.StartsWith("REPORT ", StringComparison.Ordinal)) ?? "";

        // Only the last 4 KiB come with the answer.
        var whole = seen.Log.Length < 4000 || seen.Log.StartsWith("START ", StringComparison.Ordinal);
        var lines = seen.Log.TrimEnd('\n').Split('\n').Where(static line => !Platform().IsMatch(line));
        return new(
            seen.Status,
            seen.FunctionError,
            Still(seen.Payload),
            whole ? Still(string.Join('\n', lines)) : "…",
            StatusPart().Match(report) is { Success: true } status ? status.Value.Replace('\t', ' ') : "");
    }

    /// <summary>A row of the table.</summary>
    public string ToRow(string what) => string.Create(
        CultureInfo.InvariantCulture, $"| {what} | {Status}{(FunctionError is null ? "" : $" `{FunctionError}`")} | {Cell(Payload)} | {Cell(Log)} | {Report} |");

    private static string Cell(string text)
    {
        if (text.Length == 0)
        {
            return "";
        }

        // Signs in place of what a table cannot hold.
        var shown = text.Replace("\n", "␊", StringComparison.Ordinal).Replace("\r", "␍", StringComparison.Ordinal).Replace("\t", "⇥", StringComparison.Ordinal)
            .Replace("\u00a0", "⍽", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);
        shown = shown.Length > Longest ? $"{shown[..120]}… ({text.Length.ToString(CultureInfo.InvariantCulture)} characters)" : shown;
        return shown.Contains('`', StringComparison.Ordinal) ? $"`` {shown} ``" : $"`{shown}`";
    }

    private static string Still(string text)
    {
        text = RequestId().Replace(text, "<id>");
        text = Time().Replace(text, "<time>");
        text = Address().Replace(text, "0x<address>");
        text = TraceId().Replace(text, "<trace>");

        // Frames of the interpreters and of the shims are not the function's.
        text = LibraryFile().Replace(text, "<lib>/${file}");
        text = LibraryLine().Replace(text, "${file}, line N,");
        text = Repeated().Replace(text, "repeated N more times");
        text = PythonFrame().Replace(text, "");
        text = NodeFrame().Replace(text, "");
        text = ShimFrame().Replace(text, "");
        return SourceFile().Replace(text, "");
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RequestId();

    [GeneratedRegex(@"^(START|END|REPORT|INIT_START|INIT_REPORT) ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Platform();

    [GeneratedRegex(@"Status: \w+(\tError Type: [\w.]+)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StatusPart();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Time();

    [GeneratedRegex("0x[0-9a-f]{6,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();

    [GeneratedRegex(@"Root=1-[0-9a-f]+-[0-9a-f]+[^""]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TraceId();

    [GeneratedRegex(@"/[\w./-]+/lib/python3\.\d+/(?<file>[\w./-]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LibraryFile();

    [GeneratedRegex(@"(?<file><(lib|frozen importlib)[^\\""]*>?[^\\"",]*\\?""), line \d+,", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LibraryLine();

    [GeneratedRegex(@"repeated \d+ more times", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Repeated();

    // As text, as text in one line, and as an element of JSON.
    [GeneratedRegex(@"  File ""/var/runtime/[^\n]*\n    [^\n]*\n( +[~^]+\n)?|\r\u00a0\u00a0File ""/var/runtime/[^\r]*\r[^\r\n]*|""  File \\""/var/runtime/[^\n\]]*?\\n""(, )?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PythonFrame();

    // In JSON an element of the stack, in text a line.
    [GeneratedRegex(@",""    at [^""]*(/var/runtime/|node:)[^""]*""|[\r\n]    at [^\r\n""]*(/var/runtime/|node:)[^\r\n""]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NodeFrame();

    [GeneratedRegex(@"(\r|\n|\\n)\s*""?at (Mayfly\.Shims\.DotNet|System\.|InvokeStub_)[^\r\n\\]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ShimFrame();

    [GeneratedRegex(@" in /\S+:line \d+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SourceFile();
}
