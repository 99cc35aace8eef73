using Mayfly.Sandboxd.Wire;

namespace Mayfly.Server.Sandboxes;

/// <summary>
/// Stops and resumes a sandbox by a file of its control group that sandboxd has opened for us, so that neither asks anybody.
/// May be called on any thread; what is called last holds.
/// </summary>
internal sealed class SandboxFreezer(CgroupFile file, PassedDescriptor kind) : IDisposable
{
    private readonly Lock _gate = new();
    private bool _frozen;
    private bool _ending;

    private ReadOnlySpan<byte> Frozen => kind == PassedDescriptor.FreezerState ? "FROZEN"u8 : "1"u8;

    private ReadOnlySpan<byte> Thawed => kind == PassedDescriptor.FreezerState ? "THAWED"u8 : "0"u8;

    internal void Freeze()
    {
        lock (_gate)
        {
            if (!_ending)
            {
                _frozen = file.TryWrite(Frozen);
            }
        }
    }

    internal void Thaw()
    {
        lock (_gate)
        {
            if (_frozen)
            {
                file.TryWrite(Thawed);
                _frozen = false;
            }
        }
    }

    /// <summary>Nothing freezes it any more: a frozen process of version 1 would not even die.</summary>
    internal void ThawForGood()
    {
        lock (_gate)
        {
            _ending = true;
            Thaw();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            ThawForGood();
            file.Dispose();
        }
    }
}
