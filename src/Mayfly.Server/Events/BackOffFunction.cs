namespace Mayfly.Server.Events;

/// <summary>How the waits of <see cref="HttpRetries"/> grow from the shortest to the longest.</summary>
public enum BackOffFunction
{
    /// <summary>By the same step each time.</summary>
    Linear,

    /// <summary>By steps that grow by the same amount.</summary>
    Arithmetic,

    /// <summary>By the same factor each time.</summary>
    Geometric,

    /// <summary>By steps that double.</summary>
    Exponential,
}
