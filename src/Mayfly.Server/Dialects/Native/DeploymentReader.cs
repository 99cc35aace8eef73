using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Functions;
using Mayfly.Server.Services;

namespace Mayfly.Server.Dialects.Native;

/// <summary>
/// Reads a deployment that a client sent. Members that it left out get their defaults here, since generated JSON code
/// leaves an init-only member without a value instead of with its initial one.
/// </summary>
internal static class DeploymentReader
{
    private static readonly JsonObject Config = Defaults(JsonSerializer.SerializeToNode(new FunctionConfig { Runtime = "" }, NativeJson.Default.FunctionConfig));
    private static readonly JsonObject Url = Defaults(JsonSerializer.SerializeToNode(new FunctionUrl { Id = "" }, NativeJson.Default.FunctionUrl));
    private static readonly JsonObject Cors = Defaults(JsonSerializer.SerializeToNode(new CorsRules(), NativeJson.Default.CorsRules));

    /// <summary>Reads a deployment.</summary>
    /// <exception cref="JsonException">It is none; the message says where.</exception>
    public static ServiceDeployment Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var root = JsonNode.Parse(body) as JsonObject ?? throw new JsonException("it is not an object");
            foreach (var function in Objects(root, "functions"))
            {
                Fill(function["config"] as JsonObject ?? throw new JsonException("a function has no config"), Config, except: "runtime");
                if (function["url"] is JsonObject url)
                {
                    Fill(url, Url);
                    FillCors(url);
                }
            }

            root["keep"] ??= new JsonArray();
            root["layers"] ??= new JsonArray();
            root["routes"] ??= new JsonArray();
            foreach (var route in Objects(root, "routes"))
            {
                FillCors(route);
            }

            return root.Deserialize(NativeJson.Default.ServiceDeployment)!;
        }
        catch (ArgumentException twice)
        {
            throw new JsonException(twice.Message, twice);
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonObject parent, string member)
    {
        var array = parent[member] as JsonArray ?? throw new JsonException($"{member} is not an array");
        foreach (var item in array)
        {
            yield return item as JsonObject ?? throw new JsonException($"{member} holds something that is not an object");
        }
    }

    private static void FillCors(JsonObject parent)
    {
        if (parent["cors"] is JsonObject cors)
        {
            Fill(cors, Cors);
        }
    }

    private static void Fill(JsonObject target, JsonObject defaults, string? except = null)
    {
        foreach (var (name, value) in defaults)
        {
            if (name != except)
            {
                target[name] ??= value?.DeepClone();
            }
        }
    }

    private static JsonObject Defaults(JsonNode? node) => node!.AsObject();
}
