using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Sandboxes;

namespace Mayfly.Server.Invocation;

/// <summary>Tells which kinds of stems the deployed functions can use, a moment after the table has changed, so that stems are there before the first call.</summary>
public sealed class StemForecast : IDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(100);
    private readonly FunctionTable _table;
    private readonly RuntimeCatalog _runtimes;
    private readonly SandboxdClient _sandboxes;
    private readonly FunctionEnvironment _environment;
    private readonly ITimer _timer;

    /// <summary>Follows the table.</summary>
    public StemForecast(FunctionTable table, RuntimeCatalog runtimes, SandboxdClient sandboxes, FunctionEnvironment environment)
    {
        (_table, _runtimes, _sandboxes, _environment) = (table, runtimes, sandboxes, environment);
        _timer = environment.Time.CreateTimer(static forecast => ((StemForecast)forecast!).Look(), this, Delay, Timeout.InfiniteTimeSpan);
        table.Changed += OnChanged;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _table.Changed -= OnChanged;
        _timer.Dispose();
    }

    private void OnChanged(FunctionSnapshot before, FunctionSnapshot after) => _timer.Change(Delay, Timeout.InfiniteTimeSpan);

    private void Look()
    {
        if (_sandboxes.Hello is not { } machine)
        {
            _timer.Change(Delay, Timeout.InfiniteTimeSpan);
            return;
        }

        var orders = new Dictionary<string, StemOrder>(StringComparer.Ordinal);
        foreach (var function in _table.Current.Functions.Values)
        {
            // This also looks into the code, so that no first call has to wait for that.
            var (revision, reach) = (function.Latest, FunctionEnvironment.ReachOf(_environment.NetworkOf(function.Latest, machine)));
            if (_runtimes.TryPlan(revision.Config, out var plan, out _)
                && StemChoice.For(revision, plan, reach, _environment.CodeOf(revision), _environment.LayersOf(revision)) is { } order)
            {
                orders[order.Name] = order;
            }
        }

        _sandboxes.Stems.Expect(orders.Values);
    }
}
