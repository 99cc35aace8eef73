using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>The initialisation of an instance begins.</summary>
/// <param name="Time">When.</param>
/// <param name="Phase"><c>init</c>, or <c>invoke</c> when it is done again within an invocation.</param>
/// <param name="InitializationType">For example <c>on-demand</c>.</param>
public sealed record PlatformInitStart(DateTimeOffset Time, string Phase, string InitializationType) : PlatformRecord(Time)
{
    /// <summary>For example <c>python:3.12.v1</c>; <see langword="null"/> for programs without a runtime of the platform.</summary>
    public string? RuntimeVersion { get; init; }

    /// <summary>The ARN of that version.</summary>
    public string? RuntimeVersionArn { get; init; }

    /// <summary>The function's name.</summary>
    public required string FunctionName { get; init; }

    /// <summary><c>$LATEST</c> or a number.</summary>
    public required string FunctionVersion { get; init; }

    /// <summary>The log stream's name.</summary>
    public required string InstanceId { get; init; }

    /// <summary>In bytes.</summary>
    public required long InstanceMaxMemory { get; init; }

    /// <inheritdoc/>
    public override string Type => "platform.initStart";

    /// <inheritdoc/>
    public override PlatformLevel Level => RuntimeVersion is null ? PlatformLevel.Debug : PlatformLevel.Info;

    /// <inheritdoc/>
    public override string? Text => RuntimeVersion is null || Phase != "init" ? null : $"INIT_START Runtime Version: {RuntimeVersion}\tRuntime Version ARN: {RuntimeVersionArn}";

    /// <inheritdoc/>
    protected override void WriteMembers(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("initializationType", InitializationType);
        json.WriteString("phase", Phase);
        if (RuntimeVersion is not null)
        {
            json.WriteString("runtimeVersion", RuntimeVersion);
            json.WriteString("runtimeVersionArn", RuntimeVersionArn);
        }

        json.WriteString("functionName", FunctionName);
        json.WriteString("functionVersion", FunctionVersion);
        json.WriteString("instanceId", InstanceId);
        json.WriteNumber("instanceMaxMemory", InstanceMaxMemory);
    }
}
