using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Mayfly.Building;
using Mayfly.Output;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Functions.Images;
using Spectre.Console;

namespace Mayfly.Commands;

/// <summary><c>mayfly image</c>: container images that functions run.</summary>
public static class ImageCommand
{
    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal) =>
        (new Command("image", "Add, list and remove the container images that functions run") { Add(terminal), List(terminal), Remove(terminal) },
        [
            "docker save orders:1 -o orders.tar && mayfly image add orders:1 orders.tar",
            "mayfly image add orders:2 ./rootfs --entrypoint /bin/orders",
            "mayfly image ls",
        ]);

    private static Command Add(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "name or name:tag, by which functions name it (ImageUri)" };
        var source = new Argument<string>("source") { Description = "What docker save wrote, an OCI layout (archive or folder), or a folder with a root file system" };
        var entry = new Option<string?>("--entrypoint") { Description = "For a root file system: what it starts, words or a JSON array" };
        var arguments = new Option<string?>("--cmd") { Description = "For a root file system: the words after that" };
        var folder = new Option<string?>("--workdir") { Description = "For a root file system: the folder to start in" };
        var variables = new Option<string[]>("--env") { Description = "For a root file system: a variable, NAME=value; may be repeated" };
        var endpoint = new EndpointOption();
        var command = new Command("add", "Load an image from a file or a folder") { name, source, entry, arguments, folder, variables, endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(source));
            var isRoot = Directory.Exists(path) && !ImageSource.IsLayout(path);
            if (!isRoot && !File.Exists(path) && !Directory.Exists(path))
            {
                throw new UsageException($"there is no file or folder {parsed.GetRequiredValue(source)}");
            }

            var defaults = new ImageDefaults
            {
                EntryPoint = Words(parsed.GetValue(entry), "--entrypoint"),
                Command = Words(parsed.GetValue(arguments), "--cmd"),
                WorkingDirectory = parsed.GetValue(folder),
                Environment = parsed.GetValue(variables) is { Length: > 0 } given ? given : null,
            };
            if (!isRoot && defaults != new ImageDefaults())
            {
                throw new UsageException("--entrypoint, --cmd, --workdir and --env are for a root file system; an image brings its own");
            }

            using var client = endpoint.Connect(parsed);
            await client.RequireAsync(cancellationToken);
            using var image = await ImageSource.OpenAsync(path, defaults, cancellationToken);
            var added = await client.PutImageAsync(parsed.GetRequiredValue(name), image.WriteAsync, cancellationToken);
            if (terminal.Json)
            {
                terminal.Plain.WriteLine(JsonSerializer.Serialize(added, NativeJson.Default.ImageReply));
            }

            terminal.Say($"added {added.Image} ({Megabytes(added.Size)}, sha256:{added.Sha256[..12]})");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var endpoint = new EndpointOption();
        var command = new Command("ls", "List images") { endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = endpoint.Connect(parsed);
            var images = await client.ImagesAsync(cancellationToken);
            if (terminal.Json)
            {
                terminal.Plain.WriteLine(JsonSerializer.Serialize([.. images], NativeJson.Default.ImageReplyArray));
            }
            else if (images.Count == 0)
            {
                terminal.Say("there are no images");
            }
            else
            {
                var table = Terminal.NewTable("IMAGE", "DIGEST", "SIZE", "ADDED");
                foreach (var image in images)
                {
                    table.AddRow(Markup.Escape(image.Image), image.Sha256[..12], Megabytes(image.Size), image.Created.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
                }

                terminal.Show(table);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command Remove(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "name or name:tag" };
        var endpoint = new EndpointOption();
        var command = new Command("rm", "Remove an image; functions that run it keep it") { name, endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = endpoint.Connect(parsed);
            await client.RemoveImageAsync(parsed.GetRequiredValue(name), cancellationToken);
            terminal.Say($"removed {parsed.GetRequiredValue(name)}");
            return ExitCode.Done;
        });
        return command;
    }

    private static string[]? Words(string? given, string option)
    {
        if (given is null || !given.StartsWith('['))
        {
            return given?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }

        try
        {
            using var array = JsonDocument.Parse(given);
            return [.. array.RootElement.EnumerateArray().Select(static word => word.GetString() ?? throw new JsonException())];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new UsageException($"{option} begins with '[' and is no JSON array of texts");
        }
    }

    private static string Megabytes(long bytes) => (bytes / (1024.0 * 1024)).ToString("0.0", CultureInfo.InvariantCulture) + " MiB";
}
