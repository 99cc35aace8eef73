namespace Mayfly.Sandboxd.Stems;

/// <summary>What a zygote answers: first that it is ready, then what became of each request, and last with what the process ended that it asked for.</summary>
internal sealed record ForkAnswer
{
    /// <summary>Whether it has loaded everything.</summary>
    public bool Ready { get; init; }

    /// <summary>The request.</summary>
    public int Id { get; init; }

    /// <summary>Why there is no process; else its descriptor comes along.</summary>
    public string? Error { get; init; }

    /// <summary>The exit status of the process; <see langword="null"/> while it runs.</summary>
    public int? Code { get; init; }
}
