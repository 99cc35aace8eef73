using Mayfly.Server.Services;
using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;
using Mayfly.Output;
using Mayfly.Settings;

namespace Mayfly.Commands;

/// <summary><c>mayfly new</c>: makes a folder from a template. Templates are folders below <c>samples/templates</c>, carried in the binary.</summary>
public static partial class NewCommand
{
    private const string Prefix = "templates/";

    /// <summary>A use with a template that is there.</summary>
    public static string Example => $"mayfly new {Names().FirstOrDefault()} hello && mayfly up hello";

    /// <summary>The command and its examples.</summary>
    public static (Command Command, string[] Examples) Create(Terminal terminal)
    {
        var template = new Argument<string>("template") { Description = "One of: " + string.Join(", ", Names()) };
        var folder = new Argument<string?>("folder") { Description = "The folder to make [default: the template's name]", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("new", "Make a folder from a template") { template, folder };
        command.SetAction(parsed =>
        {
            var name = parsed.GetRequiredValue(template);
            var target = parsed.GetValue(folder) ?? name;
            var files = Write(name, target);
            if (terminal.Json)
            {
                terminal.WriteJson(writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("folder", Path.GetFullPath(target));
                    writer.WriteStartArray("files");
                    files.ForEach(writer.WriteStringValue);
                    writer.WriteEndArray();
                    writer.WriteEndObject();
                });
            }

            terminal.Say($"made {target}: {string.Join(", ", files)}");
            terminal.Say($"start it with: mayfly up {target}");
            return ExitCode.Done;
        });
        return (command, [Example]);
    }

    /// <summary>The names of all templates.</summary>
    public static IReadOnlyList<string> Names() =>
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(static name => name[Prefix.Length..].Split('/')[0])
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];

    private static List<string> Write(string template, string folder)
    {
        var names = Names();
        if (!names.Contains(template))
        {
            var hint = NearestName.Of(template, names) is { } nearest ? $"; did you mean '{nearest}'?" : "";
            throw new UsageException($"there is no template '{template}'{hint} Known are {string.Join(", ", names)}.");
        }

        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new UsageException($"{folder} exists and is not empty");
        }

        var service = Unfit().Replace(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), "-").Trim('-');
        var prefix = $"{Prefix}{template}/";
        var assembly = Assembly.GetExecutingAssembly();
        var files = new List<string>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var relative = resource[prefix.Length..];
            var path = Path.Combine(folder, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var text = reader.ReadToEnd();
            File.WriteAllText(path, ServiceName().Replace(text, "service: " + (service.Length == 0 ? template : service), 1));
            if (text.StartsWith("#!", StringComparison.Ordinal))
            {
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }

            files.Add(relative);
        }

        return files;
    }

    [GeneratedRegex(@"^service: \S+", RegexOptions.Multiline, 1000)]
    private static partial Regex ServiceName();

    [GeneratedRegex("[^A-Za-z0-9-]+", RegexOptions.None, 1000)]
    private static partial Regex Unfit();
}
