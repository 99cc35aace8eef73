using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Models;

namespace Mayfly.Server.Dialects.Aws.Json;

/// <summary>One service whose operations take and give JSON objects: by a header and AWS JSON, by method and path, or by a form and XML that its model translates.</summary>
/// <param name="Name">As people know it.</param>
/// <param name="Target">What stands before the operation's name in <c>X-Amz-Target</c>, without the dot; for a service without it, its name in signatures.</param>
/// <param name="Model">What its model says.</param>
/// <param name="Served">What is served, by operation. An answer may be empty.</param>
internal sealed record JsonService(string Name, string Target, Func<ServiceModel> Model, FrozenDictionary<string, Func<JsonCall, Task<JsonObject?>>> Served)
{
    /// <summary>The type of its bodies, which tells the version of AWS JSON.</summary>
    public string ContentType { get; init; } = "application/x-amz-json-1.1";

    /// <summary>Most bytes of a JSON body.</summary>
    public int MaxBody { get; init; } = 2 * 1024 * 1024;

    /// <summary>Whether its requests come on any path, not on <c>/</c> alone.</summary>
    public bool HasPaths { get; init; }

    /// <summary>The error of a server that cannot do what it should.</summary>
    public string InternalError { get; init; } = "InternalException";
}
