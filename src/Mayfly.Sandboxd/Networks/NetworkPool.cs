using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Networks;

/// <summary>Networks that were made before anybody needs them. Each is used by one sandbox and by no other after it.</summary>
internal sealed class NetworkPool : IDisposable
{
    /// <summary>How many lie ready of a mode that was asked for once.</summary>
    private const int Spare = 16;

    private readonly EgressGround _egress = new();
    private readonly NetworkMaker _maker;
    private readonly Shelf _none;
    private readonly Shelf _open;

    internal NetworkPool()
    {
        _maker = new(_egress);
        _none = new(() => _maker.MakeAsync(SandboxNetworkMode.None));
        _open = new(() => _maker.MakeAsync(SandboxNetworkMode.Egress));
    }

    /// <summary>Why there is no network with a way out on this machine, with the remedy; <see langword="null"/> when there is.</summary>
    internal string? EgressMissing => _egress.Missing;

    /// <summary>Takes a network, which is the caller's to dispose.</summary>
    /// <returns><see langword="null"/> on the machine's own network, and where this process may make none: then bubblewrap has to, and there are no listeners.</returns>
    /// <exception cref="Launching.StartRefusedException">There is no such network on this machine.</exception>
    internal Task<SandboxNetwork?> TakeAsync(SandboxNetworkMode mode, CancellationToken cancellationToken) => mode switch
    {
        SandboxNetworkMode.Host => Task.FromResult<SandboxNetwork?>(null),
        SandboxNetworkMode.None => _none.TakeAsync(cancellationToken),
        SandboxNetworkMode.Egress => TakeOpenAsync(cancellationToken),
    };

    private async Task<SandboxNetwork?> TakeOpenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var taken = await _open.TakeAsync(cancellationToken);
            if (taken is null || MachineResolver.Current.IsRelayed == taken.Names is not null)
            {
                return taken;
            }

            // Made before the machine went to other name servers.
            taken.Dispose();
        }
    }

    /// <summary>Takes away what was made, and puts the machine's settings back.</summary>
    public void Dispose()
    {
        _none.Close();
        _open.Close();
        _maker.Dispose();
        _none.Clear();
        _open.Clear();
        _egress.Dispose();
    }

    /// <summary>The networks of one mode: those that lie ready, those being made, and those who wait for one.</summary>
    private sealed class Shelf(Func<Task<SandboxNetwork?>> make)
    {
        /// <summary>What is taken is made anew only then: the start that took it needs the processors.</summary>
        private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(15);

        private readonly Lock _guard = new();
        private readonly Queue<SandboxNetwork?> _ready = [];
        private readonly Queue<TaskCompletionSource<SandboxNetwork?>> _waiting = [];
        private int _making;
        private bool _closed;

        internal async Task<SandboxNetwork?> TakeAsync(CancellationToken cancellationToken)
        {
            TaskCompletionSource<SandboxNetwork?>? turn = null;
            SandboxNetwork? taken = null;
            int missing;
            lock (_guard)
            {
                if (!_ready.TryDequeue(out taken))
                {
                    turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    _waiting.Enqueue(turn);
                }

                missing = _closed ? 0 : Math.Max(0, Spare + _waiting.Count - _ready.Count - _making);
                _making += missing;
            }

            for (; missing > 0; missing--)
            {
                _ = AddAsync(turn is null ? s_pause : TimeSpan.Zero);
            }

            if (turn is null)
            {
                return taken;
            }

            // One that gave up leaves its turn to the next.
            await using var given = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
            return await turn.Task;
        }

        internal void Close()
        {
            lock (_guard)
            {
                _closed = true;
            }
        }

        internal void Clear()
        {
            while (_ready.TryDequeue(out var network))
            {
                network?.Dispose();
            }
        }

        private async Task AddAsync(TimeSpan pause)
        {
            SandboxNetwork? made;
            try
            {
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause);
                }

                made = _closed ? null : await make();
            }
            catch (Exception e)
            {
                // Whoever waits is told; else the next who asks tries again.
                lock (_guard)
                {
                    _making--;
                    while (_waiting.TryDequeue(out var turn) && !turn.TrySetException(e))
                    {
                    }
                }

                return;
            }

            lock (_guard)
            {
                _making--;
                while (_waiting.TryDequeue(out var turn))
                {
                    if (turn.TrySetResult(made))
                    {
                        return;
                    }
                }

                _ready.Enqueue(made);
            }
        }
    }
}
