using System.Globalization;
using System.Text;

namespace Mayfly.Shims.DotNet;

/// <summary>Console output in the managed runtime's form: time, request id, level and message, separated by tabs, one entry a line.</summary>
internal sealed class LogWriter(TextWriter inner, string level) : TextWriter(CultureInfo.InvariantCulture)
{
    private static readonly bool Plain = Environment.GetEnvironmentVariable("AWS_LAMBDA_HANDLER_LOG_FORMAT") == "Unformatted";

    /// <summary>The invocation that prints.</summary>
    public static AsyncLocal<string?> RequestId { get; } = new();

    /// <summary>The writer of standard output: the console hands out only a synchronized shell around it.</summary>
    public static LogWriter? Standard { get; set; }

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Writes an entry of any level.</summary>
    public void WriteEntry(string entryLevel, string? message) => inner.WriteLine(
        Plain ? message : $"{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ}\t{RequestId.Value}\t{entryLevel}\t{message?.Replace('\n', '\r')}");

    /// <inheritdoc/>
    public override void WriteLine(string? value) => WriteEntry(level, value);

    /// <inheritdoc/>
    public override void WriteLine(object? value) => WriteEntry(level, value?.ToString());

    /// <inheritdoc/>
    public override void WriteLine(int value) => WriteEntry(level, value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void WriteLine(long value) => WriteEntry(level, value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void WriteLine(double value) => WriteEntry(level, value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void WriteLine(bool value) => WriteEntry(level, value.ToString());

    /// <inheritdoc/>
    public override void WriteLine(char value) => WriteEntry(level, value.ToString());

    /// <inheritdoc/>
    public override void Write(char value) => inner.Write(value);

    /// <inheritdoc/>
    public override void Write(string? value) => inner.Write(value);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => inner.Write(buffer, index, count);

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
