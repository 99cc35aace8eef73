using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Launching;

/// <summary>One way to start sandboxes.</summary>
internal interface ISandboxLauncher
{
    /// <summary>Its name in <see cref="HelloMessage"/>.</summary>
    string Kind { get; }

    /// <summary>Why it does not work on this machine and how to mend it; <see langword="null"/> when it works.</summary>
    Task<string?> TestAsync(CancellationToken cancellationToken);

    /// <summary>Starts a sandbox. It runs when the task completes.</summary>
    /// <exception cref="StartRefusedException">It was not started; nothing is left behind.</exception>
    Task<RunningSandbox> StartAsync(SandboxSpec spec, CancellationToken cancellationToken);
}
