using System.Text;
using System.Text.Json.Nodes;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>What the Lambda door answered to one Invoke.</summary>
public sealed record Invoked(int Status, string? FunctionError, string Payload, string Log)
{
    public JsonNode? Json => JsonNode.Parse(Payload);

    public string? ErrorType => (string?)Json?["errorType"];

    public string? ErrorMessage => (string?)Json?["errorMessage"];

    /// <summary>In one line, for the table of faults.</summary>
    public override string ToString() => new StringBuilder().Append(Status).Append(FunctionError is null ? "" : $" {FunctionError}").Append(' ')
        .Append(Payload.Length > 160 ? Payload[..160] + $"… ({Payload.Length} characters)" : Payload).ToString();
}
