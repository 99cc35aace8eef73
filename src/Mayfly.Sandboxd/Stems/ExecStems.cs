using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Stems;

/// <summary>Stems that are started by themselves, as any sandbox is.</summary>
internal sealed class ExecStems(StemOrder order, BubblewrapLauncher launcher, LaunchTools tools) : IStemMaker
{
    /// <inheritdoc/>
    public bool IsQuick => false;

    /// <inheritdoc/>
    public async Task<Stem> MakeAsync(bool isAwaited, CancellationToken cancellationToken)
    {
        var sandbox = await launcher.StartStemAsync(StemSpec.Of(order), cancellationToken);
        try
        {
            var channel = await WarmFrame.AwaitAsync(tools, sandbox.Ends, cancellationToken);
            var init = sandbox.FindInit() ?? throw new StartRefusedException("A stem ended as it was warm.");
            return new(sandbox, Native.LibC.OpenNamespace(init, "mnt"), channel);
        }
        catch (Exception e)
        {
            sandbox.Ends.Dispose();
            sandbox.Kill();
            await sandbox.WaitAsync(TimeProvider.System);
            throw e as StartRefusedException ?? new StartRefusedException(e.Message);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
