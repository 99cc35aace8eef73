using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Runtimes;

/// <summary>All runtimes that this Mayfly knows, and the interpreters that this machine has.</summary>
public sealed class RuntimeCatalog
{
    private const int MostPlans = 1000;
    private const string StandardPath = "/usr/local/bin:/usr/bin:/bin:/opt/bin";
    private readonly Lazy<ImmutableArray<Interpreter>> _interpreters;
    private readonly Dictionary<string, RuntimeDefinition> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Runtime, string Handler, string? Command), LaunchPlan> _plans = new();

    /// <summary>Makes a catalog.</summary>
    /// <param name="definitions">What Mayfly knows: see <see cref="ShimsArchive.Definitions"/>.</param>
    /// <param name="interpreters">What the machine has, the preferred ones first.</param>
    public RuntimeCatalog(IEnumerable<RuntimeDefinition> definitions, IEnumerable<Interpreter> interpreters)
        : this(definitions, new Lazy<ImmutableArray<Interpreter>>([.. interpreters]))
    {
    }

    /// <summary>Makes a catalog whose interpreters are asked for when the first function needs one.</summary>
    /// <param name="definitions">What Mayfly knows.</param>
    /// <param name="interpreters">What the machine has.</param>
    public RuntimeCatalog(IEnumerable<RuntimeDefinition> definitions, Lazy<ImmutableArray<Interpreter>> interpreters)
    {
        _interpreters = interpreters;
        Definitions = [.. definitions];
        foreach (var definition in Definitions)
        {
            foreach (var name in definition.Names.Keys)
            {
                _byName.Add(name, definition);
            }
        }

        Names = [.. _byName.Keys.Where(Knows).Order(RuntimeVersion.NameComparer)];
    }

    /// <summary>The definitions.</summary>
    public ImmutableArray<RuntimeDefinition> Definitions { get; }

    /// <summary>Every runtime name that is known, sorted, for messages.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Whether callers may use a runtime name.</summary>
    public bool Knows(string runtime) => Find(runtime) is { Internal: false };

    /// <summary>The definition that serves a runtime name.</summary>
    public RuntimeDefinition? Find(string runtime) => _byName.GetValueOrDefault(runtime);

    /// <summary>The interpreter that a runtime name runs on here: the named version, else the nearest one.</summary>
    public Interpreter? InterpreterOf(string runtime) =>
        Find(runtime) is { Interpreter: not null } definition ? Nearest(definition, definition.Names[runtime]) : null;

    /// <summary>Says how to start a function of these settings here.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="missing">When it cannot be started: what is missing and which package brings it.</param>
    public bool TryPlan(FunctionConfig config, [NotNullWhen(true)] out LaunchPlan? plan, [NotNullWhen(false)] out string? missing)
    {
        // A plan depends on nothing else, and a cold call waits for it.
        missing = null;
        var key = (config.Runtime, config.Handler, config.Command);
        if (_plans.TryGetValue(key, out plan))
        {
            return true;
        }

        if (!TryMakePlan(config, out plan, out missing))
        {
            return false;
        }

        if (_plans.Count >= MostPlans)
        {
            _plans.Clear();
        }

        _plans[key] = plan;
        return true;
    }

    private bool TryMakePlan(FunctionConfig config, [NotNullWhen(true)] out LaunchPlan? plan, [NotNullWhen(false)] out string? missing)
    {
        plan = null;
        missing = null;
        if (Find(config.Runtime) is not { } definition)
        {
            missing = $"{config.Runtime}: no such runtime; known are {string.Join(", ", Names)}";
            return false;
        }

        var asked = definition.Names[config.Runtime];
        Interpreter? interpreter = null;
        if (definition.Interpreter is { } search)
        {
            interpreter = Nearest(definition, asked);
            if (interpreter is null)
            {
                var least = search.Minimum.Length == 0 ? "" : $" {search.Minimum} or newer";
                missing = $"{config.Runtime} needs {definition.Title}{least}, which is not installed; the package {search.Package} brings it";
                return false;
            }
        }

        var variant = definition.Variants.FirstOrDefault(v => Fits(v.Handler, config.Handler) && Fits(v.Runtime, config.Runtime));
        var command = variant?.Command ?? definition.Command;
        if (string.IsNullOrWhiteSpace(config.Command) && command.Any(word => word.Contains("{command}", StringComparison.Ordinal)))
        {
            missing = $"runtime {config.Runtime} needs mayfly.command: the command line that starts the server";
            return false;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["runtime"] = config.Runtime,
            ["handler"] = config.Handler,
            ["command"] = config.Command ?? "",
            ["interpreter"] = interpreter?.Executable ?? "",
            ["version"] = interpreter?.Version ?? "",
            ["declared"] = asked.Length > 0 ? asked : interpreter?.Version ?? "",
            ["root"] = interpreter is null ? "" : interpreter.Mounts.FirstOrDefault() ?? Path.GetDirectoryName(interpreter.Executable)!,
        };
        IEnumerable<Interpreter> used = definition.AllInterpreters ? _interpreters.Value : interpreter is null ? [] : [interpreter];
        plan = new LaunchPlan
        {
            Contract = variant?.Contract ?? definition.Contract,
            Shim = definition.Shim ? definition.Name : null,
            Command = [.. command.Select(word => Placeholders.Fill(word, values))],
            Environment = definition.Environment
                .ToImmutableDictionary(entry => entry.Key, entry => Placeholders.Fill(entry.Value, values), StringComparer.Ordinal)
                .SetItem("PATH", SearchPath(used)),
            ExecWrapper = definition.ExecWrapper,
            Stem = variant is null && interpreter is not null ? StemsOf(definition, interpreter, values) : null,
            RuntimeVersion = definition.Internal || definition.Contract == RuntimeContract.Http ? null : RuntimeVersionName.Of(config.Runtime, interpreter?.Version ?? ""),
            Mounts = [.. used.SelectMany(i => i.Mounts).Distinct(StringComparer.Ordinal)],
            Notice = interpreter is null || asked.Length == 0 || interpreter.Version == asked
                ? null
                : $"{config.Runtime} is not installed; running on {interpreter.Version}",
        };
        return true;
    }

    private static StemPlan? StemsOf(RuntimeDefinition definition, Interpreter interpreter, Dictionary<string, string> values) => definition.Stem is not { } stem ? null : new(
        new()
        {
            Name = $"{definition.Name} {interpreter.Version} {interpreter.Executable}",
            Shim = definition.Name,
            Command = [.. stem.Command.Select(word => Placeholders.Fill(word, values))],
            Environment = stem.Environment.ToDictionary(entry => entry.Key, entry => Placeholders.Fill(entry.Value, values), StringComparer.Ordinal),
            Mounts = interpreter.Mounts,
            Zygote = stem.Zygote,
            Parked = 0,
        },
        stem);

    private static bool Fits(string? pattern, string text) =>
        pattern is null || Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private Interpreter? Nearest(RuntimeDefinition definition, string asked)
    {
        var minimum = RuntimeVersion.Parse(definition.Interpreter!.Minimum);
        var usable = _interpreters.Value.Where(i => i.Runtime == definition.Name && RuntimeVersion.Parse(i.Version).CompareTo(minimum) >= 0);
        if (asked.Length == 0)
        {
            return usable.FirstOrDefault();
        }

        // Stable: of two equally near ones the newer, of two equal ones the one that the caller's PATH finds first.
        var wanted = RuntimeVersion.Parse(asked);
        return usable
            .OrderBy(i => RuntimeVersion.Parse(i.Version).DistanceTo(wanted))
            .ThenByDescending(i => RuntimeVersion.Parse(i.Version))
            .FirstOrDefault();
    }

    // A program finds under each name what its developer's own PATH finds: the preferred interpreter of a runtime stands
    // before the system's folders when it lies elsewhere, all others after them.
    private static string SearchPath(IEnumerable<Interpreter> used)
    {
        List<string> first = [], last = [];
        foreach (var group in used.GroupBy(i => i.Runtime, StringComparer.Ordinal))
        {
            var preferred = group.First();
            foreach (var interpreter in group)
            {
                var folder = Path.GetDirectoryName(interpreter.Executable)!;
                if (interpreter.Mounts.Length > 0 || !folder.StartsWith("/usr/", StringComparison.Ordinal) || (folder is not "/usr/bin" and not "/usr/local/bin"))
                {
                    (ReferenceEquals(interpreter, preferred) ? first : last).Add(folder);
                }
            }
        }

        return string.Join(':', first.Append(StandardPath).Concat(last).Distinct(StringComparer.Ordinal));
    }
}
