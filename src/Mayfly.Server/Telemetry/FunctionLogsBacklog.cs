namespace Mayfly.Server.Telemetry;

/// <summary>What one function has printed that is not written yet. It is bounded, so that a flood costs the one who makes it and nobody else.</summary>
/// <param name="path">The function's newest file.</param>
internal sealed class FunctionLogsBacklog(string path)
{
    /// <summary>Most characters of one function that wait to be written.</summary>
    private const int Limit = 1024 * 1024;

    private readonly Lock _lock = new();
    private int _pending;
    private int _dropped;
    private bool _full;

    /// <summary>The function's newest file.</summary>
    public string Path => path;

    /// <summary>Takes room for a line. Once there was none, lines are dropped until half is free, so that losses come in few large pieces.</summary>
    /// <param name="cost">About how many characters it takes.</param>
    /// <param name="dropped">How many lines were dropped just before this one.</param>
    /// <returns>Whether there is room; a line without room is dropped.</returns>
    public bool TryTake(int cost, out int dropped)
    {
        lock (_lock)
        {
            dropped = 0;
            _full = _full ? _pending > Limit / 2 : _pending + cost > Limit;
            if (_full)
            {
                _dropped++;
                return false;
            }

            (dropped, _dropped) = (_dropped, 0);
            _pending += cost;
            return true;
        }
    }

    /// <summary>Gives a line's room back.</summary>
    public void Release(int cost)
    {
        lock (_lock)
        {
            _pending -= cost;
        }
    }
}
