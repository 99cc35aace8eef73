using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Mayfly.Commands;

/// <summary>The usual help, with the command's examples below.</summary>
/// <param name="usual">The usual help.</param>
/// <param name="examples">The examples of a command, one line each.</param>
internal sealed class HelpWithExample(HelpAction usual, IReadOnlyDictionary<Command, string[]> examples) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var status = usual.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out var lines))
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(lines.Length == 1 ? "Example:" : "Examples:");
            foreach (var line in lines)
            {
                output.WriteLine("  " + line);
            }

            output.WriteLine();
        }

        return status;
    }
}
