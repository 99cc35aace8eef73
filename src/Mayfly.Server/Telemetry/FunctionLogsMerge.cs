namespace Mayfly.Server.Telemetry;

/// <summary>Merges logs that are each in order of time.</summary>
internal static class FunctionLogsMerge
{
    /// <summary>All lines in order of time. Each log keeps its own order, also where its clock went back.</summary>
    public static IEnumerable<LogLine> ByTime(IEnumerable<IEnumerable<LogLine>> logs)
    {
        var heads = new PriorityQueue<IEnumerator<LogLine>, (DateTimeOffset Time, int Order)>();
        var opened = new List<IEnumerator<LogLine>>();
        try
        {
            foreach (var log in logs)
            {
                var lines = log.GetEnumerator();
                opened.Add(lines);
                if (lines.MoveNext())
                {
                    heads.Enqueue(lines, (lines.Current.Time, opened.Count));
                }
            }

            while (heads.TryDequeue(out var lines, out var priority))
            {
                yield return lines.Current;
                if (lines.MoveNext())
                {
                    heads.Enqueue(lines, (lines.Current.Time, priority.Order));
                }
            }
        }
        finally
        {
            opened.ForEach(static lines => lines.Dispose());
        }
    }
}
