namespace Mayfly.Server.Telemetry;

/// <summary>What one function has printed that is not written yet. It is bounded, so that a flood costs the one who makes it and nobody else.</summary>
internal sealed class FunctionLogsBacklog
{
    /// <summary>Most characters of one function that wait to be written.</summary>
    private const int Limit = 1024 * 1024;

    private readonly Lock _lock = new();
    private int _pending;
    private int _dropped;
    private bool _full;

    /// <summary>Takes room for a line. Once there was none, lines are dropped until half is free, so that losses come in few large pieces.</summary>
    /// <param name="line">The line.</param>
    /// <param name="dropped">How many lines were dropped just before this one.</param>
    /// <returns>Whether there is room; a line without room is dropped.</returns>
    public bool TryTake(LogLine line, out int dropped)
    {
        lock (_lock)
        {
            dropped = 0;
            _full = _full ? _pending > Limit / 2 : _pending + Cost(line) > Limit;
            if (_full)
            {
                _dropped++;
                return false;
            }

            (dropped, _dropped) = (_dropped, 0);
            _pending += Cost(line);
            return true;
        }
    }

    /// <summary>Gives a line's room back.</summary>
    public void Release(LogLine line)
    {
        lock (_lock)
        {
            _pending -= Cost(line);
        }
    }

    private static int Cost(LogLine line) => line.Text.Length + 128;
}
