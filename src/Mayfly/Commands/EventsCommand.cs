using System.CommandLine;
using System.Text.Json;
using Mayfly.Client;
using Mayfly.Output;
using Mayfly.Server.Dialects.Native;

namespace Mayfly.Commands;

/// <summary><c>mayfly events</c>: asynchronous events that wait, and those that nobody handled.</summary>
public static class EventsCommand
{
    private const int MostListed = 1000;

    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal)
    {
        var dead = new Option<bool>("--dead") { Description = "Only those that ended without anybody to handle them" };
        var function = Function("Only those of this function");
        var limit = new Option<int>("--limit") { Description = "How many of each state at most", HelpName = "count", DefaultValueFactory = static _ => 50 };
        var endpoint = new EndpointOption();
        var command = new Command("events", "List, redrive, cancel and hold up asynchronous events")
        {
            dead, function, limit, endpoint,
            Show(terminal), Redrive(terminal), Cancel(terminal), Pause(terminal, paused: true), Pause(terminal, paused: false),
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var most = parsed.GetValue(limit) is >= 1 and <= MostListed and var given ? given : throw new UsageException($"--limit: {parsed.GetValue(limit)} is not from 1 to {MostListed}");
            using var client = endpoint.Connect(parsed);
            var events = new List<EventReply>();
            if (!parsed.GetValue(dead))
            {
                events.AddRange(await client.EventsAsync(dead: false, parsed.GetValue(function), most, cancellationToken));
            }

            events.AddRange(await client.EventsAsync(dead: true, parsed.GetValue(function), most, cancellationToken));
            if (terminal.Json)
            {
                terminal.Plain.WriteLine(JsonSerializer.Serialize([.. events], NativeJson.Default.EventReplyArray));
                return ExitCode.Done;
            }

            if (events.Count == 0)
            {
                terminal.Say(parsed.GetValue(dead) ? "no event is dead" : "no event waits and none is dead");
            }
            else
            {
                EventText.List(terminal, events);
            }

            if (await client.PausedAsync(cancellationToken) is { Count: > 0 } paused)
            {
                terminal.Hint($"paused: {string.Join(", ", paused.Select(EventText.Short))}; go on with: mayfly events resume <function>");
            }

            return ExitCode.Done;
        });
        return (command,
        [
            "mayfly events --dead --function orders",
            "mayfly events show 12",
            "mayfly events redrive 12 --payload fixed.json",
            "mayfly events redrive --all --function orders",
            "mayfly events pause orders",
        ]);
    }

    private static Command Show(Terminal terminal)
    {
        var id = Id();
        var endpoint = new EndpointOption();
        var command = new Command("show", "Print an event with its payload") { id, endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = endpoint.Connect(parsed);
            var found = await client.EventAsync(parsed.GetRequiredValue(id), cancellationToken);
            if (terminal.Json)
            {
                terminal.Plain.WriteLine(JsonSerializer.Serialize(found, NativeJson.Default.EventReply));
            }
            else
            {
                EventText.Whole(terminal, found);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command Redrive(Terminal terminal)
    {
        var id = new Argument<string?>("id") { Description = "The event, by its number in the list", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All dead events" };
        var function = Function("With --all: only those of this function");
        var payload = new Option<FileInfo?>("--payload") { Description = "A file with what the function gets instead", HelpName = "file" };
        var endpoint = new EndpointOption();
        var command = new Command("redrive", "Let dead events begin anew: accepted now, with all their attempts") { id, all, function, payload, endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (one, other) = (parsed.GetValue(id), await ReadAsync(parsed.GetValue(payload), parsed.GetValue(all), cancellationToken));
            if (one is null != parsed.GetValue(all))
            {
                throw new UsageException(one is null ? "name an event or write --all" : "an id and --all exclude each other");
            }

            if (one is not null && parsed.GetValue(function) is not null)
            {
                throw new UsageException("--function is for --all");
            }

            using var client = endpoint.Connect(parsed);
            var count = 1;
            if (one is null)
            {
                count = await client.RedriveEventsAsync(parsed.GetValue(function), cancellationToken);
            }
            else
            {
                await client.RedriveEventAsync(one, other, cancellationToken);
            }

            if (terminal.Json)
            {
                terminal.Plain.WriteLine(JsonSerializer.Serialize(new(count), NativeJson.Default.RedriveReply));
            }

            terminal.Say(one is null ? $"redrove {count} event{(count == 1 ? "" : "s")}" : $"redrove event {one}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Cancel(Terminal terminal)
    {
        var id = Id();
        var endpoint = new EndpointOption();
        var command = new Command("cancel", "Remove an event that waits or is dead, unless it is being delivered") { id, endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = endpoint.Connect(parsed);
            await client.CancelEventAsync(parsed.GetRequiredValue(id), cancellationToken);
            Done(terminal, "cancelled", parsed.GetRequiredValue(id), $"cancelled event {parsed.GetRequiredValue(id)}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Pause(Terminal terminal, bool paused)
    {
        var function = new Argument<string>("function") { Description = "Name or ARN; of another target its ARN" };
        var endpoint = new EndpointOption();
        var command = new Command(paused ? "pause" : "resume", paused ? "Hold up a function's deliveries; its events are accepted and wait" : "Let a function's deliveries go on") { function, endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = endpoint.Connect(parsed);
            var name = parsed.GetRequiredValue(function);
            await client.PauseAsync(name, paused, cancellationToken);
            Done(terminal, paused ? "paused" : "resumed", name, paused ? $"paused {name}; go on with: mayfly events resume {name}" : $"resumed {name}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Argument<string> Id() => new("id") { Description = "The event, by its number in the list" };

    private static Option<string?> Function(string description) => new("--function") { Description = description, HelpName = "name" };

    private static async Task<byte[]?> ReadAsync(FileInfo? file, bool all, CancellationToken cancellationToken) => file switch
    {
        null => null,
        _ when all => throw new UsageException("--payload is for one event, not for --all"),
        { Exists: false } => throw new UsageException($"there is no file {file}"),
        { Length: 0 } => throw new UsageException($"{file} is empty"),
        _ => await File.ReadAllBytesAsync(file.FullName, cancellationToken),
    };

    private static void Done(Terminal terminal, string what, string name, string text)
    {
        if (terminal.Json)
        {
            terminal.WriteJson(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString(what, name);
                writer.WriteEndObject();
            });
        }

        terminal.Say(text);
    }
}
