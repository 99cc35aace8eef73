using System.Diagnostics;
using System.Runtime;
using System.Security.Cryptography;

namespace Mayfly.Fuzz;

/// <summary>Feeds a target with its corpus and then with what comes of it, and keeps what reaches something new.</summary>
public sealed class Fuzzer(IFuzzTarget target, Folders folders, int seed)
{
    private const int MostMemoryGrowth = 48 * 1024 * 1024;
    private const int MostDescriptorGrowth = 64;
    private const int MostFindings = 20;

    /// <summary>How long one input may take on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _failures = new(StringComparer.Ordinal);
    private readonly List<byte[]> _corpus = [];

    /// <summary>Different failures so far.</summary>
    public int Findings => _failures.Count;

    /// <summary>Feeds inputs as they are, with the faults reported.</summary>
    public async Task ReplayAsync(IEnumerable<byte[]> inputs)
    {
        foreach (var input in inputs)
        {
            await FeedAsync(input);
        }
    }

    /// <summary>Fuzzes for a while.</summary>
    /// <param name="time">For how long, the corpus not counted.</param>
    /// <param name="keep">Whether what reached something new is added to the corpus in the source tree.</param>
    public async Task RunAsync(TimeSpan time, bool keep)
    {
        var random = new Random(seed);
        foreach (var input in folders.Corpus(target.Name))
        {
            await FeedAsync(input);
            _corpus.Add(input);
        }

        if (_corpus.Count == 0)
        {
            _corpus.Add([]);
        }

        var (memory, descriptors) = (Memory(), Descriptors());
        var mutator = new Mutator(random, target, _corpus);
        var clock = Stopwatch.StartNew();
        var (count, kept) = (0L, 0);
        while (clock.Elapsed < time && Findings < MostFindings)
        {
            var input = mutator.Next();
            count++;
            if (await FeedAsync(input) && input.Length < 16 * 1024)
            {
                _corpus.Add(input);
                kept++;
                if (keep)
                {
                    folders.Keep(target.Name, input);
                }
            }
        }

        var rate = count / Math.Max(0.001, clock.Elapsed.TotalSeconds);
        var growth = await GrowthAsync(memory, descriptors);
        Console.Error.WriteLine($"{target.Name}: {count} inputs, {rate:0} a second, seed {seed}, {_seen.Count} behaviours, {kept} kept, memory {growth.Memory / 1024:+#;-#;0} KiB, descriptors {growth.Descriptors:+#;-#;0}, {Findings} findings");
    }

    /// <summary>Feeds one input.</summary>
    /// <returns>Whether something new was reached.</returns>
    public async Task<bool> FeedAsync(byte[] input)
    {
        var methods = JitInfo.GetCompiledMethodCount();
        try
        {
            // On the pool, so that an endless loop is seen as a hang and not waited for.
            var outcome = await Task.Run(() => target.RunAsync(input)).WaitAsync(Patience);
            if (Watch.Take() is { } complaint)
            {
                throw new FuzzException(complaint);
            }

            return _seen.Add(outcome) || (JitInfo.GetCompiledMethodCount() > methods && _seen.Count > 0);
        }
        catch (TimeoutException)
        {
            Report(input, $"hang: no end within {Patience.TotalSeconds} s");
        }
        catch (Exception e)
        {
            Report(input, e is FuzzException ? e.Message : e.ToString());
        }

        return false;
    }

    private void Report(byte[] input, string what)
    {
        // The first lines tell failures apart; the numbers in them do not.
        var kind = string.Concat(string.Join('\n', what.Split('\n').Take(3)).Where(static c => !char.IsAsciiDigit(c)));
        if (!_failures.Add(kind))
        {
            return;
        }

        var file = folders.Find(target.Name, input);
        Console.Error.WriteLine($"{target.Name}: FOUND {what}\n  replay: ./dev fuzz {target.Name} --replay {file}");
    }

    private async Task<(long Memory, int Descriptors)> GrowthAsync(long memory, int descriptors)
    {
        var growth = (Memory: 0L, Descriptors: 0);
        for (var wait = 0; wait < 20; wait++)
        {
            growth = (Memory() - memory, Descriptors() - descriptors);
            if (growth is { Memory: < MostMemoryGrowth, Descriptors: < MostDescriptorGrowth })
            {
                return growth;
            }

            await Task.Delay(500);
        }

        Report([], $"leak: {growth.Memory} bytes and {growth.Descriptors} descriptors more than after the corpus");
        return growth;
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static int Descriptors() => Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;

    /// <summary>A short name of an input.</summary>
    public static string NameOf(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..12];
}
