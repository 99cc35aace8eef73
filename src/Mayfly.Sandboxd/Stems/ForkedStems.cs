using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Networks;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Stems;

/// <summary>Stems that are forked from a zygote, which is replaced now and then, into cells that it made before.</summary>
internal sealed class ForkedStems(StemOrder order, BubblewrapLauncher launcher, LaunchTools tools) : IStemMaker
{
    /// <summary>Forks of one zygote share the layout of their memory and the seed of their hashes: what one learns of itself is soon worth nothing.</summary>
    private const int MostForks = 500;

    /// <summary>How many cells lie ready beside the stems that are parked: what starts while the pool of stems is empty waits for these first.</summary>
    private const int SpareCells = 4;

    private readonly Lock _gate = new();
    private readonly List<Task> _closing = [];
    private Task<Generation>? _starting;
    private Generation? _current;
    private string? _resolver;
    private bool _closed;

    /// <inheritdoc/>
    public bool IsQuick => true;

    /// <inheritdoc/>
    public async Task<Stem> MakeAsync(bool isAwaited, CancellationToken cancellationToken)
    {
        var resolver = order.Network == SandboxNetworkMode.Egress ? MachineResolver.Current.Text : null;
        var (_, cells) = await CurrentAsync(resolver);
        var cell = await cells.TakeAsync(cancellationToken);
        while (!cell.IsAlive)
        {
            await cell.DiscardAsync(TimeProvider.System);
            cell = await cells.TakeAsync(cancellationToken);
        }

        var stem = cell.Begin(isAwaited);
        if (isAwaited)
        {
            return stem;
        }

        try
        {
            await stem.Begun;
            await WarmFrame.AwaitAsync(tools, stem.Sandbox.Ends, cancellationToken);
            return stem;
        }
        catch (Exception e)
        {
            await stem.DiscardAsync(TimeProvider.System);
            throw e as StartRefusedException ?? new StartRefusedException(e.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
            if (_current is { } current)
            {
                current.Zygote.Dispose();
                _closing.Add(current.Cells.CloseAsync());
            }
        }

        await Task.WhenAll(_closing);
    }

    private Task<Generation> CurrentAsync(string? resolver)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new StartRefusedException("These stems are not wanted any more.");
            }

            if (_current is { } full && (full.Zygote.HasEnded || full.Zygote.Programs >= MostForks || resolver != _resolver))
            {
                full.Zygote.Retire();
                _closing.RemoveAll(static task => task.IsCompleted);
                _closing.Add(full.Cells.CloseAsync());
                _current = null;
            }

            if (_current is { } ready)
            {
                return Task.FromResult(ready);
            }

            if (_starting is null or { IsCompleted: true })
            {
                _resolver = resolver;
                _starting = StartAsync(resolver);
            }

            return _starting;
        }
    }

    private async Task<Generation> StartAsync(string? resolver)
    {
        var zygote = await launcher.StartZygoteAsync(order, resolver);
        try
        {
            await zygote.Ready;
            var maker = new CellMaker(order, zygote, launcher, tools);
            var made = new Generation(zygote, new(maker.MakeAsync, static cell => cell.DiscardAsync(TimeProvider.System), SpareCells));
            lock (_gate)
            {
                _current = _closed ? throw new StartRefusedException("These stems are not wanted any more.") : made;
            }

            made.Cells.Fill();
            return made;
        }
        catch
        {
            zygote.Dispose();
            throw;
        }
    }

    /// <summary>A zygote and the cells that it has made.</summary>
    private sealed record Generation(Zygote Zygote, Shelf<Cell> Cells);
}
