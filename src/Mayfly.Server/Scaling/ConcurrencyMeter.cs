namespace Mayfly.Server.Scaling;

/// <summary>Averages a level over time. Not thread-safe.</summary>
/// <param name="time">The clock.</param>
public sealed class ConcurrencyMeter(TimeProvider time)
{
    private int _level;
    private long _changedAt = time.GetTimestamp();
    private long _begunAt = time.GetTimestamp();
    private double _area;

    /// <summary>The level changes now.</summary>
    public void Set(int level)
    {
        Advance();
        _level = level;
    }

    /// <summary>The average since the last call, and a new beginning.</summary>
    public double TakeAverage()
    {
        Advance();
        var whole = time.GetElapsedTime(_begunAt, _changedAt).TotalSeconds;
        var average = whole > 0 ? _area / whole : _level;
        (_begunAt, _area) = (_changedAt, 0);
        return average;
    }

    private void Advance()
    {
        var now = time.GetTimestamp();
        _area += _level * time.GetElapsedTime(_changedAt, now).TotalSeconds;
        _changedAt = now;
    }
}
