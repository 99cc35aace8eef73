using System.Collections.Immutable;
using Mayfly.Server.Functions.Images;

namespace Mayfly.Server.Functions;

/// <summary>What a user declared about a function, apart from its code. Defaults are AWS Lambda's.</summary>
public sealed record FunctionConfig
{
    /// <summary>A runtime name that <see cref="Runtimes.RuntimeCatalog"/> knows, for example <c>python3.12</c>.</summary>
    public required string Runtime { get; init; }

    /// <summary>The entry point in the runtime's own notation, for example <c>app.handler</c>. Empty where the runtime has none.</summary>
    public string Handler { get; init; } = "";

    /// <summary>Free text, up to 256 characters.</summary>
    public string Description { get; init; } = "";

    /// <summary>The execution role's ARN. Kept and returned; nothing is enforced with it.</summary>
    public string Role { get; init; } = "";

    /// <summary>Memory limit in MiB, 128 to 10,240.</summary>
    public int MemoryMb { get; init; } = 128;

    /// <summary>Time limit of one invocation in seconds, 1 to 900.</summary>
    public int TimeoutSeconds { get; init; } = 3;

    /// <summary>Size of <c>/tmp</c> in MiB, 512 to 10,240.</summary>
    public int EphemeralStorageMb { get; init; } = 512;

    /// <summary>The user's environment variables, at most 4 KiB together.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Instruction sets: <c>x86_64</c> or <c>arm64</c>. Kept and returned; code runs on the machine's own.</summary>
    public ImmutableArray<string> Architectures { get; init; } = ["x86_64"];

    /// <summary>Most invocations of this function at once; <see langword="null"/> means only the account's limit.</summary>
    public int? ReservedConcurrency { get; init; }

    /// <summary>Invocations that one instance takes at once, 1 to 1,000.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>What the function reaches over the network; <see langword="null"/> means what the server gives by default.</summary>
    public NetworkMode? Network { get; init; }

    /// <summary>Whether what it leaves running in an idle instance runs on; on AWS Lambda it stands still.</summary>
    public bool RunsWhileIdle { get; init; }

    /// <summary>The command line to start, for runtimes that run one (<c>runtime: http</c>). Run by <c>/bin/sh -c</c> in the code folder.</summary>
    public string? Command { get; init; }

    /// <summary>Free tags.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>ARNs of layer versions, lowest first: their trees are laid over each other at <c>/opt</c>. At most five.</summary>
    public ImmutableArray<string> Layers { get; init; } = [];

    /// <summary>How it logs; <see langword="null"/> means plain text to the group of its name.</summary>
    public LoggingSettings? Logging { get; init; }

    /// <summary>Where events go that failed for good: the ARN of a queue or a topic.</summary>
    public string? DeadLetterArn { get; init; }

    /// <summary><c>Active</c> or <c>PassThrough</c>; <see langword="null"/> means the latter. Kept and returned.</summary>
    public string? Tracing { get; init; }

    /// <summary>The key that encrypts the environment. Kept and returned.</summary>
    public string? KmsKeyArn { get; init; }

    /// <summary><c>PublishedVersions</c> or <c>None</c>; <see langword="null"/> means the latter.</summary>
    public string? SnapStart { get; init; }

    /// <summary>The private network that it joins. Kept and returned.</summary>
    public VpcSettings? Vpc { get; init; }

    /// <summary>The container image that is its code; <see langword="null"/> for code from a zip.</summary>
    public ImageSettings? Image { get; init; }

    /// <summary>Network file systems. Kept and returned; nothing is mounted.</summary>
    public ImmutableArray<FileSystemMount> FileSystems { get; init; } = [];
}
