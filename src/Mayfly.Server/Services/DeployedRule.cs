using System.Collections.Immutable;

namespace Mayfly.Server.Services;

/// <summary>A rule of a <see cref="ServiceDeployment"/>: when, or for which events, one of its functions is started.</summary>
public sealed record DeployedRule
{
    /// <summary>The rule's name, unique on its bus.</summary>
    public required string Name { get; init; }

    /// <summary>The deployed name of the function.</summary>
    public required string Function { get; init; }

    /// <summary>The bus, by name or ARN; one that is not there is made. <see langword="null"/> means the default one.</summary>
    public string? Bus { get; init; }

    /// <summary>The events that it wants.</summary>
    public string? EventPattern { get; init; }

    /// <summary>The times at which it fires.</summary>
    public string? ScheduleExpression { get; init; }

    /// <summary>Whether it does anything.</summary>
    public required bool Enabled { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>JSON to send in place of the event.</summary>
    public string? Input { get; init; }

    /// <summary>The part of the event to send.</summary>
    public string? InputPath { get; init; }

    /// <summary>The parts of the event that <see cref="InputTemplate"/> names.</summary>
    public ImmutableSortedDictionary<string, string>? InputPaths { get; init; }

    /// <summary>A template of what to send.</summary>
    public string? InputTemplate { get; init; }
}
