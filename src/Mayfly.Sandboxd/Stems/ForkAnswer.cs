namespace Mayfly.Sandboxd.Stems;

/// <summary>What a zygote answers: first that it is ready, then what became of each request.</summary>
internal sealed record ForkAnswer
{
    /// <summary>Whether it has loaded everything.</summary>
    public bool Ready { get; init; }

    /// <summary>The request.</summary>
    public int Id { get; init; }

    /// <summary>The first process of the new sandbox.</summary>
    public int Pid { get; init; }

    /// <summary>Why there is none.</summary>
    public string? Error { get; init; }
}
