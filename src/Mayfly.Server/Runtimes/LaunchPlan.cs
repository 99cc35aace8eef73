using System.Collections.Immutable;

namespace Mayfly.Server.Runtimes;

/// <summary>How to start an instance of a revision on this machine: what a runtime definition and an interpreter make of its settings.</summary>
public sealed record LaunchPlan
{
    /// <summary>How to talk to it.</summary>
    public required RuntimeContract Contract { get; init; }

    /// <summary>Folder below <c>shims</c> that becomes <c>/var/runtime</c>; <see langword="null"/> for none.</summary>
    public string? Shim { get; init; }

    /// <summary>The command line in paths of the sandbox.</summary>
    public required ImmutableArray<string> Command { get; init; }

    /// <summary>What the runtime adds to the environment, for example <c>PYTHONPATH</c> and <c>AWS_EXECUTION_ENV</c>.</summary>
    public required ImmutableDictionary<string, string> Environment { get; init; }

    /// <summary>Folders to mount read-only at their own path.</summary>
    public ImmutableArray<string> Mounts { get; init; } = [];

    /// <summary>Whether <c>AWS_LAMBDA_EXEC_WRAPPER</c> of the function's variables names a script that starts the command.</summary>
    public bool ExecWrapper { get; init; }

    /// <summary>The stems that it may be made of; <see langword="null"/> for none.</summary>
    public StemPlan? Stem { get; init; }

    /// <summary>What runs, as AWS Lambda names it, for example <c>python:3.12.v1</c>; <see langword="null"/> for programs of another kind.</summary>
    public string? RuntimeVersion { get; init; }

    /// <summary>Set when another version than the named one runs, for example <c>python3.13 is not installed; running on 3.11</c>.</summary>
    public string? Notice { get; init; }
}
