using System.Diagnostics;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Machines;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>What an idle instance takes beside an idle interpreter: a lone one, and one of as many, which share with each other as instances do.</summary>
internal sealed class IdleMemory : IRowSource
{
    private const int Count = 10;
    private const string What = "idle warm Python instance ÷ bare Python process, PSS";
    private const string WhatAlike = "the same ÷ one of as many bare Python processes";
    private static readonly TimeSpan s_untilIdle = TimeSpan.FromMilliseconds(500);
    private static readonly Goal s_goal = new(0.4, 0.25);

    public string Title => "memory of idle instances";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        if (!File.Exists("/proc/self/smaps_rollup"))
        {
            return [Row.Missing(What, "ratio", s_goal, "this system does not tell shares of memory")];
        }

        context.Report.Progress("memory of idle instances");
        using var folder = new WorkFolder();
        var python = Interpreters.Quickest(await ProgramAsync(context, folder.Of("about"), cancellationToken), "python3", "-c", "pass");
        var lone = Bare(python, 1).Median;
        var alike = Bare(python, Count).Median;
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of("idle"), cancellationToken);
        var names = Enumerable.Range(0, Count).Select(static number => Report.Text($"idle-{number}")).ToArray();
        await mayfly.DeployAsync("idle", names.Select(static name => new HelloFunction(name, HelloFunction.Python, "hello.handler")), cancellationToken);
        using (var connection = new HttpConnection(mayfly.Port))
        {
            foreach (var name in names)
            {
                // Each is made of a parked stem.
                await mayfly.SettleAsync(cancellationToken);
                connection.Call(HttpConnection.Request("GET", MayflyServer.UrlPath(name)));
            }
        }

        await mayfly.SettleAsync(cancellationToken);
        await Task.Delay(s_untilIdle, cancellationToken);
        var instances = SandboxMemory.OfInstances(mayfly.Child.Tree);
        if (instances.Count != Count)
        {
            throw new BenchException($"{Count} functions have run, and {instances.Count} instances were found");
        }

        var (own, toLone, toAlike) = (new Samples(), new Samples(), new Samples());
        foreach (var instance in instances)
        {
            own.Add(instance);
            toLone.Add(instance / lone);
            toAlike.Add(instance / alike);
        }

        return
        [
            new(What, "ratio", toLone, s_goal, Report.Text($"{own.Median / 1024:0} KiB, one of {Count}, ÷ {lone / 1024:0} KiB, {python}")),
            new(WhatAlike, "ratio", toAlike, null, Report.Text($"{own.Median / 1024:0} KiB ÷ {alike / 1024:0} KiB, {Count} of each")),
        ];
    }

    private static async Task<string> ProgramAsync(BenchContext context, string state, CancellationToken cancellationToken)
    {
        await using var mayfly = await MayflyServer.StartAsync(context, state, cancellationToken);
        await mayfly.DeployAsync("about", [new("about", HelloFunction.Python, "hello.about")], cancellationToken);
        return await mayfly.ProgramOfAsync("about", cancellationToken);
    }

    /// <summary>Shares of memory of so many interpreters that wait for input.</summary>
    private static Samples Bare(string python, int count)
    {
        var processes = new List<Process>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                processes.Add(Process.Start(new ProcessStartInfo(python, ["-c", "print('up', flush=True); input()"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })
                    ?? throw new BenchException($"{python} did not start"));
            }

            processes.ForEach(static process => process.StandardOutput.ReadLine());
            var samples = new Samples();
            processes.ForEach(process => samples.Add(SandboxMemory.Share(process.Id)));
            return samples;
        }
        finally
        {
            foreach (var process in processes)
            {
                process.Kill();
                process.WaitForExit();
                process.Dispose();
            }
        }
    }
}
