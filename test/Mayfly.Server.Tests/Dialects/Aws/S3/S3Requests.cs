using Mayfly.Server.Dialects.Aws;
using Mayfly.Server.Dialects.Aws.S3;
using Mayfly.Server.Dialects.Aws.S3.Auth;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mayfly.Server.Tests.Dialects.Aws.S3;

/// <summary>Requests as the server sees them, without a connection.</summary>
internal static class S3Requests
{
    public static DefaultHttpContext Make(string method, string url, params (string Name, string Value)[] headers)
    {
        var uri = new Uri(url);
        var target = url[(url.IndexOf('/', "http://".Length))..];
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Scheme = "http";
        context.Request.Host = new(uri.Authority);
        context.Request.Path = uri.AbsolutePath;
        context.Request.QueryString = new(query < 0 ? "" : target[query..]);
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        foreach (var (name, value) in headers)
        {
            context.Request.Headers[name] = value;
        }

        return context;
    }

    public static S3Call Call(HttpContext context, bool presigned = false) =>
        new(context, new("bkt", "k"), "PutObject", new AwsScope("000000000000", "us-east-1"), new S3Signer("test") { IsPresigned = presigned }, "ID");

    /// <summary>What a call is refused with.</summary>
    public static string Refused(Action call)
    {
        var error = Should.Throw<S3Exception>(call);
        return $"{error.Status} {error.Code}: {error.Message}";
    }

    public static async Task<string> RefusedAsync(Func<Task> call) => (await Should.ThrowAsync<S3Exception>(call)).Code;
}
