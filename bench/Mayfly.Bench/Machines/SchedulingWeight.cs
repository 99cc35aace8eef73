namespace Mayfly.Bench.Machines;

/// <summary>
/// Raises sessions over the rest of the machine. Where the kernel groups by session (autogroup), the nice value of a process only
/// counts inside its group; between groups it is the group's own that counts, and each daemon that leads a session has its own group.
/// What is in a control group of its own, as instances are, has that one's weight instead, and gets the same.
/// </summary>
internal sealed class SchedulingWeight : IDisposable
{
    private const string Wanted = "-10";
    private const string Own = "/proc/self/autogroup";
    private readonly string? _before;

    public SchedulingWeight()
    {
        try
        {
            if (!File.Exists("/proc/sys/kernel/sched_autogroup_enabled") || File.ReadAllText("/proc/sys/kernel/sched_autogroup_enabled").Trim() != "1")
            {
                State = "not needed: this kernel does not group by session";
                return;
            }

            _before = File.ReadAllText(Own).Split("nice ")[^1].Trim();
            File.WriteAllText(Own, Wanted);
            State = File.ReadAllText(Own).Trim().EndsWith("nice " + Wanted, StringComparison.Ordinal)
                ? $"raised: the session's group and those of the servers at nice {Wanted}"
                : "NOT raised: the kernel kept the old value; ratios can be off where others run";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _before = null;
            State = "NOT raised (needs root); ratios can be off where others run";
        }
    }

    /// <summary>What came of it, for the reader.</summary>
    public string State { get; }

    /// <summary>Whether new sessions are to be raised while they are measured: needed where others run, a small load of its own where nobody does.</summary>
    public bool Following { get; set; }

    /// <summary>Raises every session that appears below a process, every 10 ms, until disposed.</summary>
    public IAsyncDisposable Follow(int root) => new Watch(Following ? this : null, root);

    /// <summary>Gives the groups of other processes the same weight. Those that have just ended are passed over.</summary>
    public void Raise(IEnumerable<int> processes)
    {
        if (_before is null)
        {
            return;
        }

        foreach (var process in ProcessTree.OnePerSession(processes))
        {
            try
            {
                File.WriteAllText($"/proc/{process}/autogroup", Wanted);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Gone, or not ours.
            }
        }

        foreach (var group in processes.Select(ControlGroups.ProcessorGroupOf).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            ControlGroups.Raise(group);
        }
    }

    /// <summary>Gives the session its own value back: the shell that started this belongs to the same group.</summary>
    public void Dispose()
    {
        if (_before is not null)
        {
            File.WriteAllText(Own, _before);
        }
    }

    private sealed class Watch : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _loop;

        public Watch(SchedulingWeight? weight, int root) => _loop = weight is null ? Task.CompletedTask : FollowAsync(weight, root, _stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _loop;
            _stop.Dispose();
        }

        private static async Task FollowAsync(SchedulingWeight weight, int root, CancellationToken stop)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            try
            {
                while (await timer.WaitForNextTickAsync(stop))
                {
                    weight.Raise(ProcessTree.Of(root));
                }
            }
            catch (OperationCanceledException)
            {
                // The usual end.
            }
        }
    }
}
