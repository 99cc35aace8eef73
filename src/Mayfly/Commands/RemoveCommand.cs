using System.CommandLine;
using Mayfly.Client;
using Mayfly.Output;

namespace Mayfly.Commands;

/// <summary><c>mayfly rm</c>: removes a service with all its functions, or one function.</summary>
public static class RemoveCommand
{
    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "A service or a function" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var endpoint = new EndpointOption();
        var command = new Command("rm", "Remove a service with its functions, or one function") { name, yes, endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = endpoint.Connect(parsed);
            var wanted = parsed.GetRequiredValue(name);
            var functions = await client.ListAsync(cancellationToken);
            var ofService = functions.Where(function => function.Service == wanted).ToList();
            if (ofService.Count == 0 && functions.All(function => function.Name != wanted))
            {
                throw new RefusedException($"there is no service and no function '{wanted}'; see: mayfly ls", 404);
            }

            var what = ofService.Count == 0
                ? $"function {wanted}"
                : $"service {wanted} with {ofService.Count} function{(ofService.Count == 1 ? "" : "s")}: {string.Join(", ", ofService.Select(static f => f.Name))}";
            if (!parsed.GetValue(yes) && !Agrees(terminal, what))
            {
                terminal.Say("nothing was removed");
                return ExitCode.Interrupted;
            }

            var removed = await (ofService.Count == 0 ? client.RemoveFunctionAsync(wanted, cancellationToken) : client.RemoveServiceAsync(wanted, cancellationToken));
            if (terminal.Json)
            {
                terminal.WriteJson(writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteStartArray("removed");
                    foreach (var function in removed)
                    {
                        writer.WriteStringValue(function);
                    }

                    writer.WriteEndArray();
                    writer.WriteEndObject();
                });
            }

            terminal.Say($"removed {what}");
            return ExitCode.Done;
        });
        return (command, ["mayfly rm shop", "mayfly rm shop-dev-order --yes"]);
    }

    private static bool Agrees(Terminal terminal, string what)
    {
        if (!terminal.Interactive)
        {
            throw new UsageException("rm asks before it removes, and nobody can answer here; add --yes");
        }

        terminal.Plain.Write($"Remove {what}? [y/N] ");
        terminal.Plain.Flush();
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }
}
