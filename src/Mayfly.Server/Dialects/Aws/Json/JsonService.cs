using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Models;

namespace Mayfly.Server.Dialects.Aws.Json;

/// <summary>One service that speaks AWS JSON 1.1: an operation's name in a header, JSON there and back.</summary>
/// <param name="Name">As people know it.</param>
/// <param name="Target">What stands before the operation's name in <c>X-Amz-Target</c>, without the dot.</param>
/// <param name="Model">What its model says.</param>
/// <param name="Served">What is served, by operation. An answer may be empty.</param>
internal sealed record JsonService(string Name, string Target, Func<ServiceModel> Model, FrozenDictionary<string, Func<JsonCall, Task<JsonObject?>>> Served);
