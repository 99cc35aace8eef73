namespace Mayfly.Server.Functions;

/// <summary>How a function logs: LoggingConfig of the Lambda API.</summary>
public sealed record LoggingSettings
{
    /// <summary><c>Text</c> or <c>JSON</c>; <see langword="null"/> means text.</summary>
    public string? Format { get; init; }

    /// <summary>Least level of what the function logs: <c>TRACE</c>, <c>DEBUG</c>, <c>INFO</c>, <c>WARN</c>, <c>ERROR</c> or <c>FATAL</c>. Only with JSON.</summary>
    public string? ApplicationLevel { get; init; }

    /// <summary>Least level of what the platform logs about it: <c>DEBUG</c>, <c>INFO</c> or <c>WARN</c>. Only with JSON.</summary>
    public string? SystemLevel { get; init; }

    /// <summary>The log group; <see langword="null"/> means <c>/aws/lambda/</c> and the function's name.</summary>
    public string? Group { get; init; }

    /// <summary>Whether records are JSON objects.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsJson => Format == "JSON";
}
