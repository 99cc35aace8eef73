using System.Globalization;
using System.Text;

namespace Mayfly.Shims.DotNet;

/// <summary>Console output in the managed runtime's form: time, request id, level and message, separated by tabs, one entry a line.</summary>
internal sealed class LogWriter(TextWriter inner, string level) : TextWriter(CultureInfo.InvariantCulture)
{
    private static bool plain;
    private static bool json;

    /// <summary>The invocation that prints.</summary>
    public static AsyncLocal<Invocation?> Current { get; } = new();

    /// <summary>The writer of standard output: the console hands out only a synchronized shell around it.</summary>
    public static LogWriter? Standard { get; private set; }

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Makes the console print in the form that the environment asks for.</summary>
    public static void Install(TextWriter output, TextWriter errors)
    {
        plain = Environment.GetEnvironmentVariable("AWS_LAMBDA_HANDLER_LOG_FORMAT") == "Unformatted";
        json = string.Equals(Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_FORMAT"), "JSON", StringComparison.OrdinalIgnoreCase);
        LogLevels.Read();
        Standard = new LogWriter(output, "Information");
        Console.SetOut(Standard);
        Console.SetError(new LogWriter(errors, "Error"));
    }

    /// <summary>Writes an entry in one line, unless its level is switched off.</summary>
    public void Write(LogEntry entry)
    {
        if (!LogLevels.IsOn(entry.Level))
        {
            return;
        }

        var time = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var invocation = Current.Value;
        var line = json ? entry.ToJson(time, invocation) : plain ? entry.ToPlain() : entry.ToText(time, invocation?.RequestId).Replace('\n', '\r');
        lock (inner)
        {
            inner.WriteLine(line);
        }
    }

    /// <inheritdoc/>
    public override void WriteLine(string? value) => WriteEntry(value);

    /// <inheritdoc/>
    public override void WriteLine(object? value) => WriteEntry(value?.ToString());

    /// <inheritdoc/>
    public override void WriteLine(int value) => WriteEntry(value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void WriteLine(long value) => WriteEntry(value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void WriteLine(double value) => WriteEntry(value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void WriteLine(bool value) => WriteEntry(value.ToString());

    /// <inheritdoc/>
    public override void WriteLine(char value) => WriteEntry(value.ToString());

    /// <inheritdoc/>
    public override void WriteLine() => WriteEntry("");

    /// <inheritdoc/>
    public override void WriteLine(uint value) => WriteEntry(value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void WriteLine(ulong value) => WriteEntry(value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void WriteLine(float value) => WriteEntry(value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void WriteLine(decimal value) => WriteEntry(value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void WriteLine(char[]? buffer) => WriteEntry(new string(buffer));

    /// <inheritdoc/>
    public override void WriteLine(char[] buffer, int index, int count) => WriteEntry(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void WriteLine(ReadOnlySpan<char> buffer) => WriteEntry(new string(buffer));

    /// <inheritdoc/>
    public override void WriteLine(StringBuilder? value) => WriteEntry(value?.ToString());

    /// <inheritdoc/>
    public override void Write(char value) => inner.Write(value);

    /// <inheritdoc/>
    public override void Write(string? value) => inner.Write(value);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => inner.Write(buffer, index, count);

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    private void WriteEntry(string? message) => Write(new LogEntry(level, message));
}
