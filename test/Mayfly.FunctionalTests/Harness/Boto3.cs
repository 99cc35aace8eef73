using System.Text.Json.Nodes;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>Runs a script with boto3 clients of a server.</summary>
public static class Boto3
{
    /// <summary>Runs it. Each service's client has the service's name, save <c>lam</c> for <c>lambda</c>; <c>where</c> has what others are made with.</summary>
    /// <param name="server">The server.</param>
    /// <param name="code">The script; what it leaves in <c>result</c> is the answer.</param>
    /// <param name="services">The services.</param>
    public static async Task<JsonNode> RunAsync(MayflyServer server, string code, params string[] services)
    {
        var python = await Machine.NeedBoto3Async();
        var clients = services.Select(static service => $"{(service == "lambda" ? "lam" : service)} = boto3.client('{service}', **where)\n");
        var script = $"import json, boto3\nwhere = dict(endpoint_url='{server.Endpoint}', region_name='us-east-1', aws_access_key_id='test', aws_secret_access_key='test')\n{string.Concat(clients)}{code}\nprint(json.dumps(result))";
        return (await Tool.RunAsync(python, ["-c", script])).ShouldSucceed().Json;
    }
}
