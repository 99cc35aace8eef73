using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>What reads a queue and calls a function with batches of its messages. Immutable; whether it is moving from one state to another is <see cref="MappingState"/>.</summary>
public sealed record EventSourceMapping
{
    /// <summary>Most filters of a mapping.</summary>
    public const int MaxFilters = 5;

    /// <summary>Most bytes of one invocation, all records and what is around them.</summary>
    public const int MaxPayload = 6 * 1024 * 1024;

    /// <summary>The service whose manifest declares it; <see langword="null"/> for one that the API made.</summary>
    public string? Service { get; init; }

    /// <summary>Its name: a UUID.</summary>
    public required string Uuid { get; init; }

    /// <summary>The ARN of the queue, or of the broker.</summary>
    public required string SourceArn { get; init; }

    /// <summary>The ARN of the function, with the qualifier where one was given.</summary>
    public required string FunctionArn { get; init; }

    /// <summary>Whether it reads, or shall as soon as it can.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Most records of one invocation.</summary>
    public int BatchSize { get; init; } = 10;

    /// <summary>How long it gathers, from a batch's first record on.</summary>
    public int WindowSeconds { get; init; }

    /// <summary>The patterns, as they were given; a record that matches one is wanted. None: all are.</summary>
    public ImmutableArray<string> Filters { get; init; } = [];

    /// <summary>Whether the function's answer says which records failed.</summary>
    public bool ReportsFailures { get; init; }

    /// <summary>Most batches of a queue at once; <see langword="null"/> for as many as may be.</summary>
    public int? MaximumConcurrency { get; init; }

    /// <summary>The broker's queue; <see langword="null"/> for a queue that is itself the source.</summary>
    public string? Queue { get; init; }

    /// <summary>The broker's virtual host.</summary>
    public string? VirtualHost { get; init; }

    /// <summary>What the API was given as the secret with the broker's user and password. Shown, and not looked up.</summary>
    public string? BasicAuth { get; init; }

    /// <summary>The key that the filters are said to be encrypted with.</summary>
    public string? KmsKeyArn { get; init; }

    /// <summary>What shall be counted.</summary>
    public ImmutableArray<string> Metrics { get; init; } = [];

    /// <summary>The tags.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>When it was made or changed last.</summary>
    public required DateTimeOffset LastModified { get; init; }

    /// <summary>Its own ARN: of the function's account and region.</summary>
    [JsonIgnore]
    public string Arn => $"arn:aws:lambda:{Function.Key.Region}:{Function.Key.Account}:event-source-mapping:{Uuid}";

    /// <summary>The function.</summary>
    [JsonIgnore]
    public FunctionRef Function => FunctionRef.TryParse(FunctionArn, "", "", out var function) ? function : throw new InvalidOperationException($"{FunctionArn} names no function.");

    /// <summary>Whether the source is a queue of a broker.</summary>
    [JsonIgnore]
    public bool IsBroker => IsBrokerArn(SourceArn);

    /// <summary>Whether an ARN is one of a broker.</summary>
    public static bool IsBrokerArn(string arn) => arn.Split(':') is [_, _, "mq", ..];
}
