using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Runtimes;

/// <summary>Finds the interpreters of this machine by asking every candidate program what it really is.</summary>
/// <param name="cacheFile">Where answers are kept: a program that did not change is not asked again.</param>
public sealed class InterpreterProbe(string cacheFile)
{
    /// <summary>Changes when answers are read differently, so that none kept by an older Mayfly is used.</summary>
    private const string ReaderVersion = "2";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Programs that were started by the last search; 0 when all answers were known.</summary>
    public int Asked { get; private set; }

    /// <summary>Searches <c>PATH</c> and the folders that the definitions name.</summary>
    /// <param name="definitions">What to look for.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>Real binaries without repetition, per runtime in the order in which a shell would find them.</returns>
    public async Task<ImmutableArray<Interpreter>> FindAsync(IEnumerable<RuntimeDefinition> definitions, CancellationToken cancellationToken)
    {
        // 1. Candidates, in order of preference; one program under several names is asked once.
        var questions = new List<(RuntimeDefinition Definition, FileInfo Program)>();
        foreach (var definition in definitions.Where(d => d.Interpreter is not null))
        {
            questions.AddRange(Candidates(definition.Interpreter!).Select(program => (definition, program)));
        }

        // 2. Ask those whose answer is not known.
        var known = ReadCache();
        var answers = new ConcurrentDictionary<string, ProbeResult>(StringComparer.Ordinal);
        var unknown = new List<(RuntimeDefinition Definition, FileInfo Program, string Key)>();
        foreach (var (definition, program) in questions)
        {
            var key = KeyOf(definition, program);
            if (known.TryGetValue(key, out var answer) && answer.Found.All(i => File.Exists(i.Executable)))
            {
                answers[key] = answer;
            }
            else
            {
                unknown.Add((definition, program, key));
            }
        }

        Asked = unknown.Count;
        var options = new ParallelOptions { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(unknown, options, async (item, token) =>
        {
            var found = await AskAsync(item.Definition, item.Program.FullName, token);
            answers[item.Key] = new(item.Program.FullName, item.Program.LastWriteTimeUtc.Ticks, item.Program.Length, QuestionOf(item.Definition), found);
        });

        // 3. Keep the answers, drop repetitions.
        if (unknown.Count > 0 || answers.Count != known.Count)
        {
            WriteCache(answers.Values);
        }

        return
        [
            .. questions.SelectMany(q => answers[KeyOf(q.Definition, q.Program)].Found)
                .DistinctBy(i => (i.Runtime, i.Version, i.Executable)),
        ];
    }

    /// <summary>Writes the list that the other processes read, whole or not at all.</summary>
    public static void Write(string file, IEnumerable<Interpreter> interpreters)
    {
        File.WriteAllBytes(file + ".new", JsonSerializer.SerializeToUtf8Bytes([.. interpreters], RuntimesJson.Default.ListInterpreter));
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Reads the list as soon as <see cref="Write"/> has written it: the process that searches starts together with the one that reads.</summary>
    /// <exception cref="TimeoutException">It did not come within a minute.</exception>
    public static ImmutableArray<Interpreter> Await(string file)
    {
        var begun = TimeProvider.System.GetTimestamp();
        using var never = new ManualResetEventSlim();
        while (!File.Exists(file))
        {
            if (TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromMinutes(1))
            {
                throw new TimeoutException($"{file} did not appear");
            }

            never.Wait(TimeSpan.FromMilliseconds(5));
        }

        return Read(file);
    }

    /// <summary>Reads the list that <see cref="Write"/> wrote.</summary>
    public static ImmutableArray<Interpreter> Read(string file) =>
        [.. JsonSerializer.Deserialize(File.ReadAllBytes(file), RuntimesJson.Default.ListInterpreter) ?? []];

    private static List<FileInfo> Candidates(InterpreterSearch search)
    {
        var program = new Regex(search.Program, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var folders = path.Where(Path.IsPathRooted).Concat(search.Folders.SelectMany(f => FolderGlob.Expand(f.StartsWith('~') ? home + f[1..] : f)));
        var programs = folders.Distinct(StringComparer.Ordinal)
            .SelectMany(folder => FolderGlob.Files(folder).Where(f => program.IsMatch(f.Name)).OrderBy(f => f.Name, RuntimeVersion.NameComparer))
            .Select(file => (File: file, Real: FolderGlob.Resolve(file)))
            .Where(found => found.Real is not null)
            .Select(found => (found.File, Real: found.Real!, Script: IsScript(found.Real!)))
            .ToList();

        // A version manager's wrapper is slow to ask. One that names a version says nothing new when that version itself is
        // found; the one without a version says which is the user's own choice.
        var versions = programs.Where(found => !found.Script).Select(found => found.File.Name).Where(name => name.Contains('.', StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);

        // A wrapper may act by the name it is called by, so only links to real programs are followed.
        return [.. programs.Where(found => !(found.Script && versions.Contains(found.File.Name)))
            .Select(found => found.Script ? found.File : found.Real)
            .Where(file => seen.Add(file.FullName))];
    }

    private static bool IsScript(FileInfo file)
    {
        try
        {
            using var stream = file.OpenRead();
            return stream.ReadByte() == '#' && stream.ReadByte() == '!';
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task<ImmutableArray<Interpreter>> AskAsync(RuntimeDefinition definition, string program, CancellationToken cancellationToken)
    {
        var search = definition.Interpreter!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var start = new ProcessStartInfo(program, search.Arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        Process? process = null;
        try
        {
            process = Process.Start(start)!;
            process.StandardInput.Close();
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? Parse(definition, output) : [];
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
        {
            return [];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process?.Kill(entireProcessTree: true);
            return [];
        }
        finally
        {
            process?.Dispose();
        }
    }

    private static ImmutableArray<Interpreter> Parse(RuntimeDefinition definition, string output)
    {
        var search = definition.Interpreter!;
        var found = ImmutableArray.CreateBuilder<Interpreter>();
        foreach (var match in output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                     .Select(line => Regex.Match(line, search.Output, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
                     .Where(match => match.Success))
        {
            var prefixes = match.Groups["prefix"].Captures.Select(c => c.Value.Trim()).Where(prefix => prefix.Length > 0).Distinct(StringComparer.Ordinal).ToList();
            var executable = search.Executable is null
                ? match.Groups["executable"].Value.Trim()
                : Placeholders.Fill(search.Executable, new Dictionary<string, string>(StringComparer.Ordinal) { ["prefix"] = prefixes[0] });
            if (File.Exists(executable))
            {
                found.Add(new Interpreter
                {
                    Runtime = definition.Name,
                    Version = match.Groups["version"].Value,
                    Executable = executable,
                    Mounts = MountRules.Select(executable, prefixes),
                });
            }
        }

        return found.ToImmutable();
    }

    private static string KeyOf(RuntimeDefinition definition, FileInfo program) =>
        $"{program.FullName}|{program.LastWriteTimeUtc.Ticks}|{program.Length}|{QuestionOf(definition)}";

    private static string QuestionOf(RuntimeDefinition definition) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', definition.Interpreter!.Arguments) + definition.Interpreter.Output + definition.Interpreter.Executable + definition.Name + ReaderVersion)))[..16];

    private Dictionary<string, ProbeResult> ReadCache()
    {
        try
        {
            var cached = JsonSerializer.Deserialize(File.ReadAllBytes(cacheFile), RuntimesJson.Default.ListProbeResult) ?? [];
            return cached.ToDictionary(r => $"{r.Path}|{r.Modified}|{r.Size}|{r.Question}", StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or JsonException or ArgumentException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private void WriteCache(IEnumerable<ProbeResult> answers)
    {
        List<ProbeResult> sorted = [.. answers.OrderBy(a => a.Path, StringComparer.Ordinal)];
        try
        {
            var own = $"{cacheFile}.{Environment.ProcessId}";
            File.WriteAllBytes(own, JsonSerializer.SerializeToUtf8Bytes(sorted, RuntimesJson.Default.ListProbeResult));
            File.Move(own, cacheFile, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without a cache the next start asks again.
        }
    }
}
