using System.Diagnostics;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Stems;

/// <summary>Starts sandboxes: of a stem where one is to be had and fits, else by themselves.</summary>
internal sealed class SandboxStarter(ISandboxLauncher launcher, StemPools stems, StemAssigner assigner, TemplateForks forks, Action expectMoves, TimeProvider time)
{
    /// <summary>Starts one. It runs when the task completes.</summary>
    /// <exception cref="StartRefusedException">It was not started; nothing is left behind.</exception>
    internal async Task<RunningSandbox> StartAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        SpecCheck.Verify(spec);
        var begun = Stopwatch.GetTimestamp();
        if (spec.Stem is { } name && StemAssigner.CanAssign(spec))
        {
            while (await stems.TakeAsync(name, out var wasParked) is { } stem)
            {
                var taken = Microseconds(begun);
                try
                {
                    assigner.Assign(stem, spec);
                    var assigned = Microseconds(begun) - taken;
                    await stem.Begun;
                    stem.Sandbox.Steps = wasParked
                        ? new(SandboxOrigin.Stem, taken, 0, assigned)
                        : new(SandboxOrigin.Fork, 0, Microseconds(begun) - assigned, assigned);
                    return stem.Sandbox;
                }
                catch (StartRefusedException) when (!stem.IsAlive)
                {
                    // It died in this moment; the next one may not have.
                    _ = stem.DiscardAsync(time);
                }
                catch (StartRefusedException e)
                {
                    Console.Error.WriteLine($"sandboxd: {e.Message}");
                    _ = stem.DiscardAsync(time);
                    break;
                }
            }
        }

        SpecCheck.VerifyEnvironment(spec);
        expectMoves();
        var sandbox = await launcher.StartAsync(spec, cancellationToken);
        sandbox.Steps = sandbox.Steps with { SandboxMicroseconds = Microseconds(begun) - sandbox.Steps.SlotMicroseconds };
        return sandbox;
    }

    /// <summary>Makes one of an initialised template.</summary>
    /// <exception cref="StartRefusedException">It was not started; nothing is left behind.</exception>
    internal async Task<RunningSandbox> ForkAsync(RunningSandbox template, SandboxSpec spec)
    {
        SpecCheck.Verify(spec);
        SpecCheck.VerifyEnvironment(spec);
        expectMoves();
        var begun = Stopwatch.GetTimestamp();
        var sandbox = await forks.ForkAsync(template, spec);
        sandbox.Steps = new(SandboxOrigin.Template, 0, Microseconds(begun), 0);
        return sandbox;
    }

    private static long Microseconds(long since) => (long)Stopwatch.GetElapsedTime(since).TotalMicroseconds;
}
