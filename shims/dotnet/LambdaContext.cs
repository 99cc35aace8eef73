using System.Text.Json;

namespace Mayfly.Shims.DotNet;

/// <summary>The values behind the interfaces that a function sees: the properties are those of <c>ILambdaContext</c> and its parts.</summary>
internal static class LambdaContext
{
    private static readonly Func<string, object?> Nothing = static _ => null;

    /// <summary>The context of an invocation, by the name of a property's getter; a nested function stands for a nested interface, <see langword="null"/> for what there is not.</summary>
    public static Func<string, object?> Of(Invocation invocation) => name => name switch
    {
        "get_AwsRequestId" => invocation.RequestId,
        "get_InvokedFunctionArn" => invocation.FunctionArn,
        "get_FunctionName" => Setting("AWS_LAMBDA_FUNCTION_NAME"),
        "get_FunctionVersion" => Setting("AWS_LAMBDA_FUNCTION_VERSION"),
        "get_LogGroupName" => Setting("AWS_LAMBDA_LOG_GROUP_NAME"),
        "get_LogStreamName" => Setting("AWS_LAMBDA_LOG_STREAM_NAME"),
        "get_TraceId" => invocation.TraceId,
        "get_TenantId" => invocation.TenantId.Length == 0 ? null : invocation.TenantId,
        "get_MemoryLimitInMB" => int.TryParse(Setting("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), out var size) ? size : 0,
        "get_RemainingTime" => DateTimeOffset.FromUnixTimeMilliseconds(invocation.DeadlineMs) - DateTimeOffset.UtcNow,
        "get_Logger" => Nothing,
        "get_Identity" => invocation.Identity.Length == 0 ? Nothing : IdentityOf(invocation.Identity),
        "get_ClientContext" => invocation.ClientContext.Length == 0 ? null : ClientContextOf(invocation.ClientContext),
        _ => null,
    };

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name);

    private static Func<string, object?> IdentityOf(string json)
    {
        var fields = JsonSerializer.Deserialize<JsonElement>(json);
        return name => name switch
        {
            "get_IdentityId" => Text(fields, "cognitoIdentityId"),
            "get_IdentityPoolId" => Text(fields, "cognitoIdentityPoolId"),
            _ => null,
        };
    }

    private static Func<string, object?> ClientContextOf(string json)
    {
        var fields = JsonSerializer.Deserialize<JsonElement>(json);
        var client = fields.TryGetProperty("client", out var c) ? c : default;
        Func<string, object?> clientOf = name => name switch
        {
            "get_AppPackageName" => Text(client, "app_package_name"),
            "get_AppTitle" => Text(client, "app_title"),
            "get_AppVersionCode" => Text(client, "app_version_code"),
            "get_AppVersionName" => Text(client, "app_version_name"),
            "get_InstallationId" => Text(client, "installation_id"),
            _ => null,
        };
        return name => name switch
        {
            "get_Environment" => Texts(fields, "env"),
            "get_Custom" => Texts(fields, "custom"),
            "get_Client" => clientOf,
            _ => null,
        };
    }

    private static string? Text(JsonElement fields, string name) =>
        fields.ValueKind == JsonValueKind.Object && fields.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static Dictionary<string, string> Texts(JsonElement fields, string name) =>
        fields.TryGetProperty(name, out var values) && values.ValueKind == JsonValueKind.Object
            ? values.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString(), StringComparer.Ordinal)
            : new(StringComparer.Ordinal);
}
