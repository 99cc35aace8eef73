using System.Collections.Immutable;

namespace Mayfly.Server.Services;

/// <summary>A queue whose messages start a function, in a <see cref="ServiceDeployment"/>.</summary>
public sealed record DeployedMapping
{
    /// <summary>The ARN of the queue, or of the RabbitMQ broker.</summary>
    public required string Source { get; init; }

    /// <summary>The deployed name of the function.</summary>
    public required string Function { get; init; }

    /// <summary>Whether it does anything.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Most messages of a call; <see langword="null"/>: as the kind of source has it.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Most seconds that messages wait for more of them.</summary>
    public int? MaximumBatchingWindowSeconds { get; init; }

    /// <summary>Most calls at a time.</summary>
    public int? MaximumConcurrency { get; init; }

    /// <summary>Whether the function says which messages of a batch failed.</summary>
    public bool ReportsFailures { get; init; }

    /// <summary>Patterns of which one must match a message, in JSON; the others are thrown away. None: all are taken.</summary>
    public ImmutableArray<string> Filters { get => field.IsDefault ? [] : field; init; }

    /// <summary>The broker's queue.</summary>
    public string? Queue { get; init; }

    /// <summary>The broker's virtual host.</summary>
    public string? VirtualHost { get; init; }

    /// <summary>The ARN of the secret with the broker's user and password.</summary>
    public string? Credentials { get; init; }
}
