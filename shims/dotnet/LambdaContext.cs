using System.Text.Json;

namespace Mayfly.Shims.DotNet;

/// <summary>The values behind the interfaces that a function sees: property names are those of <c>ILambdaContext</c> and its parts.</summary>
internal static class LambdaContext
{
    /// <summary>The context of an invocation, by property name; a nested dictionary stands for a nested interface.</summary>
    public static IReadOnlyDictionary<string, Func<object?>> Of(Invocation invocation) => new Dictionary<string, Func<object?>>(StringComparer.Ordinal)
    {
        ["AwsRequestId"] = () => invocation.RequestId,
        ["InvokedFunctionArn"] = () => invocation.FunctionArn,
        ["FunctionName"] = () => Setting("AWS_LAMBDA_FUNCTION_NAME"),
        ["FunctionVersion"] = () => Setting("AWS_LAMBDA_FUNCTION_VERSION"),
        ["LogGroupName"] = () => Setting("AWS_LAMBDA_LOG_GROUP_NAME"),
        ["LogStreamName"] = () => Setting("AWS_LAMBDA_LOG_STREAM_NAME"),
        ["TraceId"] = () => invocation.TraceId,
        ["TenantId"] = () => invocation.TenantId.Length == 0 ? null : invocation.TenantId,
        ["MemoryLimitInMB"] = () => int.TryParse(Setting("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), out var size) ? size : 0,
        ["RemainingTime"] = () => DateTimeOffset.FromUnixTimeMilliseconds(invocation.DeadlineMs) - DateTimeOffset.UtcNow,
        ["Logger"] = () => new Dictionary<string, Func<object?>>(StringComparer.Ordinal),
        ["Identity"] = () => invocation.Identity.Length == 0 ? new Dictionary<string, Func<object?>>(StringComparer.Ordinal) : IdentityOf(invocation.Identity),
        ["ClientContext"] = () => invocation.ClientContext.Length == 0 ? null : ClientContextOf(invocation.ClientContext),
    };

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name);

    private static Dictionary<string, Func<object?>> IdentityOf(string json)
    {
        var fields = JsonSerializer.Deserialize<JsonElement>(json);
        return new(StringComparer.Ordinal)
        {
            ["IdentityId"] = () => Text(fields, "cognitoIdentityId"),
            ["IdentityPoolId"] = () => Text(fields, "cognitoIdentityPoolId"),
        };
    }

    private static Dictionary<string, Func<object?>> ClientContextOf(string json)
    {
        var fields = JsonSerializer.Deserialize<JsonElement>(json);
        var client = fields.TryGetProperty("client", out var c) ? c : default;
        return new(StringComparer.Ordinal)
        {
            ["Environment"] = () => Texts(fields, "env"),
            ["Custom"] = () => Texts(fields, "custom"),
            ["Client"] = () => new Dictionary<string, Func<object?>>(StringComparer.Ordinal)
            {
                ["AppPackageName"] = () => Text(client, "app_package_name"),
                ["AppTitle"] = () => Text(client, "app_title"),
                ["AppVersionCode"] = () => Text(client, "app_version_code"),
                ["AppVersionName"] = () => Text(client, "app_version_name"),
                ["InstallationId"] = () => Text(client, "installation_id"),
            },
        };
    }

    private static string? Text(JsonElement fields, string name) =>
        fields.ValueKind == JsonValueKind.Object && fields.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static Dictionary<string, string> Texts(JsonElement fields, string name) =>
        fields.TryGetProperty(name, out var values) && values.ValueKind == JsonValueKind.Object
            ? values.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString(), StringComparer.Ordinal)
            : new(StringComparer.Ordinal);
}
