using System.CommandLine;
using System.Text;
using Mayfly.Client;
using Mayfly.Output;
using Mayfly.Server.Functions;

namespace Mayfly.Commands;

/// <summary><c>mayfly invoke</c>: runs a function and prints its answer.</summary>
public static class InvokeCommand
{
    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal)
    {
        var function = new Argument<string>("function") { Description = "Name, name:qualifier or ARN" };
        var payload = new Option<string?>("--payload", "-p") { Description = "The event as JSON; without it standard input when piped, else {}" };
        var file = new Option<FileInfo?>("--file", "-f") { Description = "A file with the event" };
        var tail = new Option<bool>("--tail", "-t") { Description = "Show the end of the function's log on standard error" };
        var explain = new Option<bool>("--explain", "-x") { Description = "Show where the time went on standard error" };
        var endpoint = new EndpointOption();
        var command = new Command("invoke", "Run a function and print its answer") { function, payload, file, tail, explain, endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bytes = await ReadPayloadAsync(parsed.GetValue(payload), parsed.GetValue(file), cancellationToken);
            using var client = endpoint.Connect(parsed);
            var outcome = await client.InvokeAsync(Parse(parsed.GetRequiredValue(function)), bytes, cancellationToken);
            if (parsed.GetValue(explain))
            {
                terminal.Note(StartText.Of(outcome));
            }

            Show(terminal, outcome, parsed.GetValue(tail));
            return outcome.FunctionFailed ? ExitCode.Failed : ExitCode.Done;
        });
        return (command,
        [
            "mayfly invoke hello -p '{\"name\": \"Ada\"}'",
            "echo '{\"name\": \"Ada\"}' | mayfly invoke hello --tail",
            "mayfly invoke hello --explain",
        ]);
    }

    private static FunctionRef Parse(string text) =>
        FunctionRef.TryParse(text, "", "", out var reference) ? reference : throw new UsageException($"'{text}' is no function: write a name, name:qualifier or an ARN");

    private static async Task<byte[]> ReadPayloadAsync(string? inline, FileInfo? file, CancellationToken cancellationToken)
    {
        if (inline is not null && file is not null)
        {
            throw new UsageException("--payload and --file exclude each other");
        }

        if (inline is not null)
        {
            return Encoding.UTF8.GetBytes(inline);
        }

        if (file is not null)
        {
            return file.Exists
                ? await File.ReadAllBytesAsync(file.FullName, cancellationToken)
                : throw new UsageException($"there is no file {file}");
        }

        if (!Console.IsInputRedirected)
        {
            return "{}"u8.ToArray();
        }

        using var buffer = new MemoryStream();
        var input = Console.OpenStandardInput();
        await using var closing = input;
        await input.CopyToAsync(buffer, cancellationToken);
        return buffer.Length == 0 ? "{}"u8.ToArray() : buffer.ToArray();
    }

    private static void Show(Terminal terminal, InvokeOutcome outcome, bool tail)
    {
        if (terminal.Json)
        {
            terminal.WriteJson(writer =>
            {
                writer.WriteStartObject();
                writer.WriteBoolean("failed", outcome.FunctionFailed);
                writer.WritePropertyName("payload");
                if (IsJson(outcome.Payload))
                {
                    writer.WriteRawValue(outcome.Payload);
                }
                else
                {
                    writer.WriteStringValue(Encoding.UTF8.GetString(outcome.Payload));
                }

                writer.WriteString("log", outcome.LogTail);
                writer.WriteString("start", outcome.Start);
                writer.WriteString("durationMs", outcome.DurationMs);
                writer.WriteEndObject();
            });
            return;
        }

        if (tail)
        {
            terminal.Note(outcome.LogTail.TrimEnd());
        }

        terminal.Plain.WriteLine(Encoding.UTF8.GetString(outcome.Payload));
    }

    private static bool IsJson(byte[] payload)
    {
        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(payload);
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
