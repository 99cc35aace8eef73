using System.Globalization;
using Mayfly.Fuzz;

// mayfly-fuzz [target…] [--seconds n] [--seed n] [--replay file or folder] [--keep] [--root test/Fuzz]
var targets = new List<string>();
var (seconds, seed, keep, replay, root) = (60.0, Environment.TickCount & 0xffff, false, (string?)null, "test/Fuzz");
try
{
    for (var i = 0; i < args.Length; i++)
    {
        switch (args[i])
        {
            case "--seconds": seconds = double.Parse(args[++i], CultureInfo.InvariantCulture); break;
            case "--seed": seed = int.Parse(args[++i], CultureInfo.InvariantCulture); break;
            case "--replay": replay = args[++i]; break;
            case "--root": root = args[++i]; break;
            case "--keep": keep = true; break;
            default: targets.Add(args[i]); break;
        }
    }

    targets = targets.Count == 0 || targets is ["all"] ? [.. FuzzTargets.Names] : targets;
    targets.ForEach(static name => _ = FuzzTargets.Make(name));
}
catch (Exception e) when (e is ArgumentException or FormatException or IndexOutOfRangeException)
{
    Console.Error.WriteLine($"fuzz: {e.Message}\nusage: ./dev fuzz [target] [--seconds n] [--seed n] [--replay file or folder] [--keep]");
    return 2;
}

Watch.Begin();
var findings = 0;
foreach (var name in targets)
{
    await using var target = FuzzTargets.Make(name);
    await target.StartAsync();
    var fuzzer = new Fuzzer(target, new Folders(root), seed);
    if (replay is null)
    {
        await fuzzer.RunAsync(TimeSpan.FromSeconds(seconds), keep);
    }
    else
    {
        await fuzzer.ReplayAsync((Directory.Exists(replay) ? Directory.GetFiles(replay) : [replay]).Select(File.ReadAllBytes));
        Console.Error.WriteLine($"{name}: replayed, {fuzzer.Findings} findings");
    }

    findings += fuzzer.Findings;
}

return findings == 0 ? 0 : 1;
