using System.CommandLine;
using Mayfly.Client;
using Mayfly.Output;
using Mayfly.Server.Dialects.Native;

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
            var service = await client.FindServiceAsync(wanted, cancellationToken);
            if (service is null && (await client.ListAsync(cancellationToken)).All(function => function.Name != wanted))
            {
                throw new RefusedException($"there is no service and no function '{wanted}'; see: mayfly ls", 404);
            }

            var what = service is null ? $"function {wanted}" : Describe(service);
            if (!parsed.GetValue(yes) && !Agrees(terminal, what))
            {
                terminal.Say("nothing was removed");
                return ExitCode.Interrupted;
            }

            var removed = await (service is null ? client.RemoveFunctionAsync(wanted, cancellationToken) : client.RemoveServiceAsync(wanted, cancellationToken));
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

    private static string Describe(ServiceReply service)
    {
        var functions = service.Functions;
        var what = $"service {service.Name} with {functions.Length} function{(functions.Length == 1 ? "" : "s")}{(functions.IsEmpty ? "" : ": ")}{string.Join(", ", functions.Select(static function => function.Name))}";
        return service.Holds.IsEmpty ? what : $"{what}; with them, for good: {string.Join(", ", service.Holds)}";
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
