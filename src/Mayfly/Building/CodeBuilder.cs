using System.Collections.Immutable;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Services;

namespace Mayfly.Building;

/// <summary>Runs the build steps of a runtime with the caller's own rights, and skips those whose inputs did not change.</summary>
/// <param name="catalog">Where the interpreter of a runtime is found.</param>
public sealed class CodeBuilder(RuntimeCatalog catalog)
{
    private const int TailLines = 40;

    /// <summary>Builds a function's code.</summary>
    /// <param name="function">The function.</param>
    /// <param name="runtime">The definition of its runtime.</param>
    /// <param name="stagingFolder">A folder kept between builds, the function's own, absolute.</param>
    /// <param name="output">Receives each line that a tool prints, as it prints it; called from any thread, one call at a time.</param>
    /// <param name="cancellationToken">Stops the tool and everything that it started.</param>
    public async Task<BuildOutcome> BuildAsync(FunctionDefinition function, RuntimeDefinition runtime, string stagingFolder, Action<string> output, CancellationToken cancellationToken)
    {
        var layers = ImmutableArray.CreateBuilder<PackageLayer>();
        var keepSource = true;
        var built = false;
        for (var index = 0; index < runtime.Build.Length; index++)
        {
            // 1. Does the step apply to this folder and handler?
            var step = runtime.Build[index];
            var work = Path.Combine(stagingFolder, index.ToString(System.Globalization.CultureInfo.InvariantCulture));
            var result = Path.Combine(work, "output");
            var values = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["source"] = function.CodeFolder,
                ["work"] = work,
                ["output"] = result,
                ["interpreter"] = catalog.InterpreterOf(function.Config.Runtime)?.Executable ?? "",
            };
            if (!BuildCondition.Holds(step, function, values))
            {
                continue;
            }

            keepSource &= step.KeepSource;
            var layer = new PackageLayer(result, Filtered: false, step.Pack);

            // 2. Unchanged since it last succeeded?
            Directory.CreateDirectory(work);
            var stamp = Path.Combine(work, "inputs.sha256");
            var command = step.Command.Select(word => Placeholders.Fill(word, values)).ToImmutableArray();
            var hash = await InputHash.OfAsync(function.CodeFolder, step.Inputs, command, cancellationToken);
            if (!BuildCondition.IsAlwaysRun(step, values) && File.Exists(stamp) && Directory.Exists(result) && await File.ReadAllTextAsync(stamp, cancellationToken) == hash)
            {
                layers.Add(layer);
                continue;
            }

            // 3. Is the tool here?
            if (!await HasToolAsync(step, values, cancellationToken))
            {
                return new BuildOutcome { Missing = new(step.Tool, step.Package) };
            }

            // 4. Run it into an empty folder.
            File.Delete(stamp);
            if (Directory.Exists(result))
            {
                Directory.Delete(result, recursive: true);
            }

            Directory.CreateDirectory(result);
            foreach (var name in step.Copy.Where(name => File.Exists(Path.Combine(function.CodeFolder, name))))
            {
                File.Copy(Path.Combine(function.CodeFolder, name), Path.Combine(result, name));
            }

            var tail = new Queue<string>();
            var folder = step.Copy.IsEmpty ? function.CodeFolder : result;
            var status = await Tool.RunAsync(command, folder, step.Environment, Line, cancellationToken);
            if (status != 0)
            {
                return new BuildOutcome { Failure = new(string.Join(' ', command), status, [.. tail]) };
            }

            await File.WriteAllTextAsync(stamp, hash, cancellationToken);
            built = true;
            layers.Add(layer);

            void Line(string line)
            {
                if (tail.Count == TailLines)
                {
                    tail.Dequeue();
                }

                tail.Enqueue(line);
                output(line);
            }
        }

        if (keepSource)
        {
            layers.Insert(0, new PackageLayer(function.CodeFolder, Filtered: true));
        }

        return new BuildOutcome { Layers = layers.ToImmutable(), Built = built };
    }

    private static async Task<bool> HasToolAsync(BuildStep step, Dictionary<string, string> values, CancellationToken cancellationToken)
    {
        if (step.Check.IsEmpty)
        {
            return Tool.IsInstalled(Placeholders.Fill(step.Command[0], values));
        }

        var check = step.Check.Select(word => Placeholders.Fill(word, values)).ToImmutableArray();
        return Tool.IsInstalled(check[0]) && await Tool.RunAsync(check, values["source"], step.Environment, _ => { }, cancellationToken) == 0;
    }
}
