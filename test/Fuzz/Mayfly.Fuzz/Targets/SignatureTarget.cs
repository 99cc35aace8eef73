using System.Text;
using Mayfly.Server;
using Mayfly.Server.Dialects.Aws;
using Mayfly.Server.Dialects.Aws.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mayfly.Fuzz.Targets;

/// <summary>The reader and the verifier of AWS signatures. An input is a request: a line with method and target, then headers.</summary>
internal sealed class SignatureTarget : IFuzzTarget
{
    private const string Secret = "a secret that no input knows";
    private static readonly ServerSettings Settings = new() { StoreFolder = "/", ShimsFolder = "/", InterpretersFile = "/" };
    private static readonly DateTimeOffset Now = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    public string Name => "sigv4";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. new[]
        {
            "Authorization: ", "AWS4-HMAC-SHA256 ", "AWS4-ECDSA-P256-SHA256 ", "Credential=", "AKIDEXAMPLE/20150830/us-east-1/lambda/aws4_request", "SignedHeaders=", "host;x-amz-date", "Signature=", "00", ", ", ",", ";", "/", "\n",
            "X-Amz-Date: 20150830T123600Z", "Date: Sun, 30 Aug 2015 12:36:00 GMT", "X-Amz-Security-Token: t", "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD", "X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "Host: localhost",
            "?X-Amz-Algorithm=AWS4-HMAC-SHA256", "&X-Amz-Credential=A%2F20150830%2Fr%2Fs%2Faws4_request", "&X-Amz-SignedHeaders=host", "&X-Amz-Signature=ab", "&X-Amz-Date=20150830T123600Z", "&X-Amz-Expires=60", "%", "%zz", "%C3%28", "..", "//",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public Task StartAsync() => Task.CompletedTask;

    public Task<string> RunAsync(byte[] input)
    {
        var request = Request(Encoding.Latin1.GetString(input).Split('\n'));
        var reading = SignedRequest.Read(request, out var signed);
        _ = AwsScope.Of(request, Settings);
        if (reading != SignatureReading.Signed)
        {
            return Task.FromResult(reading.ToString());
        }

        if (signed.AccessKey.IsEmpty || signed.Date.Length != 8 || signed.Service.IsEmpty || signed.SignedHeaders.IsEmpty || signed.Signature.IsEmpty || !signed.Scope.EndsWith("/aws4_request"))
        {
            throw new FuzzException("a part of the signature is missing");
        }

        if (!signed.IsPresigned && !request.Headers.Authorization.ToString().Contains($"Credential={signed.AccessKey}/{signed.Scope}", StringComparison.Ordinal))
        {
            throw new FuzzException("the credential was cut wrongly");
        }

        var verdict = SignatureVerifier.Verify(request, signed, Secret, PayloadHash.NamedBy(request) ?? new string('0', 64), Now);
        if (verdict == SignatureVerdict.Right)
        {
            throw new FuzzException("a signature is right that was made without the secret");
        }

        _ = SignatureRefusal.From(verdict, SignatureVerifier.SignedAt(request, signed.IsPresigned), Now)!.Answer;
        return Task.FromResult($"{signed.Algorithm} {signed.IsPresigned} {verdict}");
    }

    public byte[]? Shape(byte[] input, Random random) => null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static HttpRequest Request(string[] lines)
    {
        var first = lines[0].Split(' ', 2);
        var target = first.Length > 1 ? first[1] : "/";
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var request = new DefaultHttpContext().Request;
        request.Method = first[0];
        request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        request.QueryString = new(question < 0 ? "" : target[question..]);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                request.Headers.Append(line[..colon], line[(colon + 1)..].Trim());
            }
        }

        return request;
    }
}
