namespace Mayfly.Server.Dialects.Native;

/// <summary>A function as the admin API shows it.</summary>
public sealed record FunctionReply
{
    /// <summary>The deployed name.</summary>
    public required string Name { get; init; }

    /// <summary>The region.</summary>
    public required string Region { get; init; }

    /// <summary>The unqualified ARN.</summary>
    public required string Arn { get; init; }

    /// <summary>The service that deployed it; <see langword="null"/> for a function made through another API.</summary>
    public string? Service { get; init; }

    /// <summary>The runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>The entry point.</summary>
    public required string Handler { get; init; }

    /// <summary>Memory limit in MiB.</summary>
    public required int MemoryMb { get; init; }

    /// <summary>Time limit in seconds.</summary>
    public required int TimeoutSeconds { get; init; }

    /// <summary>The id of what <c>$LATEST</c> is: another one after every change of code or settings.</summary>
    public required string Revision { get; init; }

    /// <summary>When that was made.</summary>
    public required DateTimeOffset LastModified { get; init; }

    /// <summary>SHA-256 of its code, hexadecimal.</summary>
    public required string CodeSha256 { get; init; }

    /// <summary>Size of its zip in bytes.</summary>
    public required long CodeSize { get; init; }

    /// <summary>Its URL, when it has one.</summary>
    public string? Url { get; init; }

    /// <summary>Whether it can run on this machine.</summary>
    public required FunctionState State { get; init; }

    /// <summary>Why it cannot run, and which package helps; or that another version of its runtime runs it.</summary>
    public string? StateReason { get; init; }
}
