using System.Text;

namespace Mayfly.Fuzz;

/// <summary>Listens for what nobody is there to catch: errors in the server's log, and exceptions of forgotten tasks.</summary>
public sealed class Watch : TextWriter
{
    private static string? _complaint;
    private readonly StringBuilder _line = new();

    /// <inheritdoc />
    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Begins. The server's log is what it writes to standard output.</summary>
    public static void Begin()
    {
        Console.SetOut(new Watch());
        TaskScheduler.UnobservedTaskException += (_, e) => Complain($"unobserved: {e.Exception}");
    }

    /// <summary>The first complaint since the last call.</summary>
    public static string? Take() => Interlocked.Exchange(ref _complaint, null);

    /// <inheritdoc />
    public override void Write(char value)
    {
        lock (_line)
        {
            if (value != '\n')
            {
                _line.Append(value);
                return;
            }

            var line = _line.ToString();
            _line.Clear();

            // Kestrel[67] is Kestrel's own word on trailers that are no text; it closes the connection.
            if ((line.Contains("Z fail: ", StringComparison.Ordinal) && !line.Contains("Kestrel[67]", StringComparison.Ordinal)) || line.Contains("Z crit: ", StringComparison.Ordinal))
            {
                Complain($"log: {line[(line.IndexOf('Z', StringComparison.Ordinal) + 2)..]}");
            }
        }
    }

    /// <summary>Says that something is wrong.</summary>
    public static void Complain(string what) => Interlocked.CompareExchange(ref _complaint, what, null);
}
