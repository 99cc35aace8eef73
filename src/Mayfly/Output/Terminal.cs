using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Mayfly.Output;

/// <summary>What a person or a machine reads: results on standard output, everything else on standard error.</summary>
public sealed class Terminal
{
    private const int PipeWidth = 100_000;
    private static readonly Color[] Colours = [Color.Aqua, Color.Yellow, Color.Fuchsia, Color.Lime, Color.DodgerBlue1, Color.Orange1, Color.SpringGreen2, Color.Violet];
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly Lazy<IAnsiConsole> _outConsole;
    private readonly Lazy<IAnsiConsole> _errorConsole;
    private readonly Dictionary<string, Color> _colours = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Writes to these two; colours and tables degrade when they are no terminals or <c>NO_COLOR</c> is set.</summary>
    public Terminal(TextWriter output, TextWriter error, bool json)
    {
        (_output, _error, Json) = (output, error, json);
        _outConsole = new(() => Make(output, Console.IsOutputRedirected || output != Console.Out));
        _errorConsole = new(() => Make(error, Console.IsErrorRedirected || error != Console.Error));
    }

    /// <summary>Whether a machine reads it.</summary>
    public bool Json { get; }

    /// <summary>Whether somebody can answer a question.</summary>
    public bool Interactive => !Json && !Console.IsInputRedirected && !Console.IsOutputRedirected && _output == Console.Out;

    /// <summary>Standard output as bytes and lines, without any decoration.</summary>
    public TextWriter Plain => _output;

    /// <summary>How many characters a line of standard output has; very many where it is no terminal.</summary>
    public int Width => _outConsole.Value.Profile.Width;

    /// <summary>A line for a person; nothing when a machine reads.</summary>
    public void Say(string text)
    {
        if (!Json)
        {
            lock (_gate)
            {
                _outConsole.Value.MarkupLine(Markup.Escape(text));
            }
        }
    }

    /// <summary>A line with Spectre's markup for a person; nothing when a machine reads.</summary>
    public void SayMarkup(string markup)
    {
        if (!Json)
        {
            lock (_gate)
            {
                _outConsole.Value.MarkupLine(markup);
            }
        }
    }

    /// <summary>A table for a person.</summary>
    public void Show(Table table)
    {
        lock (_gate)
        {
            _outConsole.Value.Write(table);
        }
    }

    /// <summary>A table in the house's form.</summary>
    public static Table NewTable(params string[] columns)
    {
        var table = new Table().Border(TableBorder.None).NoSafeBorder();
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn($"[dim]{Markup.Escape(column)}[/]").NoWrap().PadRight(2));
        }

        return table;
    }

    /// <summary>A result for a machine.</summary>
    public void WriteJson(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            write(writer);
        }

        lock (_gate)
        {
            _output.WriteLine(System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
            _output.Flush();
        }
    }

    /// <summary>Something that the user should know.</summary>
    public void Warn(string text) => OnError("yellow", "warning", text);

    /// <summary>Text beside the result, as it is.</summary>
    public void Note(string text)
    {
        lock (_gate)
        {
            _error.WriteLine(text);
        }
    }

    /// <summary>What to do next.</summary>
    public void Hint(string text)
    {
        if (!Json)
        {
            lock (_gate)
            {
                _errorConsole.Value.MarkupLine($"[dim]{Markup.Escape(text)}[/]");
            }
        }
    }

    /// <summary>Why the command did not do what was asked.</summary>
    public void Error(string text, int status)
    {
        if (!Json)
        {
            OnError("red", "error", text);
            return;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("error", text);
            writer.WriteNumber("exitCode", status);
            writer.WriteEndObject();
        }

        lock (_gate)
        {
            _error.WriteLine(System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
        }
    }

    /// <summary>A line that a build tool printed.</summary>
    public void Progress(string function, string line)
    {
        if (!Json)
        {
            lock (_gate)
            {
                _errorConsole.Value.MarkupLine($"[dim]{Markup.Escape(function)} | {Markup.Escape(line)}[/]");
            }
        }
    }

    /// <summary>A line that a function printed, in the function's own colour.</summary>
    public void Log(string function, string text)
    {
        lock (_gate)
        {
            if (!_colours.TryGetValue(function, out var colour))
            {
                _colours[function] = colour = Colours[_colours.Count % Colours.Length];
            }

            _outConsole.Value.Write(new Text(function, new Style(colour)));

            // As it is: a terminal wraps by itself, and then copies it as one line.
            _outConsole.Value.Profile.Out.Writer.WriteLine($" {text.TrimEnd()}");
        }
    }

    private void OnError(string colour, string label, string text)
    {
        lock (_gate)
        {
            _errorConsole.Value.MarkupLine($"[{colour}]{label}:[/] {Markup.Escape(text)}");
        }
    }

    private static IAnsiConsole Make(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });

        // Without a terminal a line is never broken: what reads it looks for whole URLs.
        if (redirected)
        {
            console.Profile.Width = PipeWidth;
        }

        return console;
    }
}
