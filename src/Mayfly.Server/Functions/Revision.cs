namespace Mayfly.Server.Functions;

/// <summary>An immutable snapshot of a function's code and settings: what is scheduled, and the key of an instance pool.</summary>
public sealed record Revision
{
    /// <summary>Unique for ever; a new one is made at every change of code or settings. A UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The function this is a snapshot of.</summary>
    public required FunctionKey Function { get; init; }

    /// <summary>The version name: <c>$LATEST</c>, or a number once published.</summary>
    public string Version { get; init; } = Latest;

    /// <summary>The settings.</summary>
    public required FunctionConfig Config { get; init; }

    /// <summary>The code.</summary>
    public required CodePackage Code { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset LastModified { get; init; }

    /// <summary>The name of the version that follows every update.</summary>
    public const string Latest = "$LATEST";
}
