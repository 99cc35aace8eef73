namespace Mayfly.Sandboxd.Launching;

/// <summary>Numbers of running sandboxes; each gives its sandbox a user of its own.</summary>
internal sealed class SlotTable(int size)
{
    private readonly Lock _guard = new();
    private readonly bool[] _taken = new bool[size];

    /// <summary>Takes the lowest free number.</summary>
    internal int Take()
    {
        lock (_guard)
        {
            var slot = Array.IndexOf(_taken, false);
            if (slot < 0)
            {
                throw new StartRefusedException($"{_taken.Length} sandboxes run already; this is the limit of one node.");
            }

            _taken[slot] = true;
            return slot;
        }
    }

    /// <summary>Gives a number back, once nothing of its sandbox is left.</summary>
    internal void Return(int slot)
    {
        lock (_guard)
        {
            _taken[slot] = false;
        }
    }
}
