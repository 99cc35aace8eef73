using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Json;

/// <summary>One request to a service that speaks AWS JSON; its input is within the bounds of the service's model.</summary>
/// <param name="Http">The exchange.</param>
/// <param name="Operation">What is asked for.</param>
/// <param name="Input">The request: an object.</param>
/// <param name="Scope">Account and region.</param>
internal sealed record JsonCall(HttpContext Http, ModelOperation Operation, JsonElement Input, AwsScope Scope)
{
    /// <summary>Whether it came in the query protocol, in which some errors have other words.</summary>
    public bool IsQuery { get; init; }

    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>A member that is a text; <see langword="null"/> when it is not there.</summary>
    public string? Text(string name) => Input.Text(name);

    /// <summary>A member that is a text and required.</summary>
    public string Required(string name) => Input.Text(name)!;
}
