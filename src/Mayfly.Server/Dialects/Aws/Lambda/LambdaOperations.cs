using System.Collections.Frozen;
using Mayfly.Server.Dialects.Aws.Models;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Tells what a request to the Lambda API asks for. An invocation is told without the service model, everything else with it.</summary>
internal static class LambdaOperations
{
    /// <summary>Where zips are fetched from: <c>Code.Location</c> of GetFunction, which on AWS is an address of the object store.</summary>
    public const string CodePath = "/2015-03-31/code/";

    // Without their shapes: what they carry belongs to a function, and they check the little that they have themselves.
    private static readonly ModelOperation Invoke = new("Invoke", "POST", "/2015-03-31/functions/{FunctionName}/invocations", 200);
    private static readonly ModelOperation InvokeAsync = new("InvokeAsync", "POST", "/2014-11-13/functions/{FunctionName}/invoke-async", 202);
    private static readonly ModelOperation InvokeWithResponseStream =
        new("InvokeWithResponseStream", "POST", "/2021-11-15/functions/{FunctionName}/response-streaming-invocations", 200);

    // Not of the service: an extra of this server.
    private static readonly ModelOperation DownloadCode = new("DownloadCode", "GET", CodePath + "{Sha256}", 200);

    // The second segments of all paths, so that other requests are told apart without the model.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Resources = new[]
    {
        "account-settings", "capacity-providers", "code", "code-signing-configs", "durable-execution-callbacks", "durable-executions",
        "event-source-mappings", "functions", "layers", "tags",
    }.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a path can be one of this API: <c>/2015-03-31/functions…</c></summary>
    public static bool Owns(ReadOnlySpan<char> path)
    {
        if (path.Length < 13 || path[0] != '/' || path[5] != '-' || path[8] != '-' || path[11] != '/' || !path.StartsWith("/20"))
        {
            return false;
        }

        var resource = path[12..];
        var end = resource.IndexOf('/');
        return Resources.Contains(end < 0 ? resource : resource[..end]);
    }

    /// <summary>Whether an operation runs a function while its caller waits. It checks itself what it is asked.</summary>
    public static bool IsInvocation(ModelOperation operation) => ReferenceEquals(operation, Invoke) || ReferenceEquals(operation, InvokeWithResponseStream);

    /// <summary>Finds the operation of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="path">The path's segments, decoded.</param>
    /// <returns><see langword="null"/> if there is none.</returns>
    public static ModelOperation? Find(HttpRequest request, out string[] path)
    {
        path = RequestPath.Segments(request);
        return (request.Method, path) switch
        {
            ("POST", ["2015-03-31", "functions", _, "invocations"]) => Invoke,
            ("POST", ["2021-11-15", "functions", _, "response-streaming-invocations"]) => InvokeWithResponseStream,
            ("POST", ["2014-11-13", "functions", _, "invoke-async"]) => InvokeAsync,
            ("GET", ["2015-03-31", "code", _]) => DownloadCode,
            var (method, segments) => ServiceModel.Lambda.Router.Find(method, segments, request.Query.ContainsKey),
        };
    }
}
