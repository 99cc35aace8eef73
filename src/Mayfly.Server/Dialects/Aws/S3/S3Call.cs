using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Mayfly.Server.Dialects.Aws.S3.Auth;
using Mayfly.Server.Dialects.Http;
using Mayfly.Server.Resources.Objects.Notifications;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>One request to S3, whose signature is sound.</summary>
/// <param name="Http">The exchange.</param>
/// <param name="Target">What it is about.</param>
/// <param name="Operation">What is asked for.</param>
/// <param name="Scope">Account and region.</param>
/// <param name="Signer">Who signed.</param>
/// <param name="RequestId">As the answer shows it.</param>
internal sealed record S3Call(HttpContext Http, S3Target Target, string Operation, AwsScope Scope, S3Signer Signer, string RequestId)
{
    public HttpRequest Request => Http.Request;

    public IHeaderDictionary Answer => Http.Response.Headers;

    public CancellationToken Aborted => Http.RequestAborted;

    public string Bucket => Target.Bucket!;

    public string Key => Target.Key!;

    /// <summary>Who does it, for events.</summary>
    public ObjectCaller Caller => new(Signer.AccessKey ?? "anonymous", Http.Connection.RemoteIpAddress?.ToString() ?? "127.0.0.1", RequestId, HttpTarget.GivenTraceId(Http));

    /// <summary>Who owns buckets of an account: the hash stands for the id that AWS gives accounts.</summary>
    public static string OwnerId(string account) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(account)));

    /// <summary>A member of the query; <see langword="null"/> when it is not there.</summary>
    public string? Query(string name) => Request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>A header; in a link, its members of the query stand for headers. <see langword="null"/> when it is neither.</summary>
    public string? Header(string name)
    {
        if (Request.Headers.TryGetValue(name, out var value))
        {
            return value.ToString();
        }

        // A checksum in a link was made when there was no body yet.
        return Signer.IsPresigned && name.StartsWith("x-amz-", StringComparison.Ordinal) && (name == "x-amz-checksum-mode" || !name.StartsWith("x-amz-checksum-", StringComparison.Ordinal))
            && Request.Query.TryGetValue(name, out var member) ? member.ToString() : null;
    }

    /// <summary>A number in the query within bounds.</summary>
    public int Number(string name, int most, int otherwise) => Query(name) is not { Length: > 0 } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, most)
        : throw S3Errors.InvalidArgument($"Provided {name} not an integer or within integer range", name, text);

    /// <summary>Answers with a document.</summary>
    public Task AnswerAsync(XElement root, int status = 200) => AnswerAsync(S3Xml.Write(root), "application/xml", status);

    /// <summary>Answers with bytes.</summary>
    public async Task AnswerAsync(ReadOnlyMemory<byte> body, string contentType, int status = 200)
    {
        Http.Response.StatusCode = status;
        Http.Response.ContentType = contentType;
        Http.Response.ContentLength = body.Length;
        await Http.Response.BodyWriter.WriteAsync(body, Aborted);
    }

    /// <summary>Answers with nothing but headers.</summary>
    public Task AnswerAsync(int status = 200)
    {
        Http.Response.StatusCode = status;
        if (status is not (204 or 304))
        {
            Http.Response.ContentLength = 0;
        }

        return Task.CompletedTask;
    }
}
