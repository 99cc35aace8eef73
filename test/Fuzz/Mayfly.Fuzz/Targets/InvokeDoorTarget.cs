using System.Net;
using Mayfly.Fuzz.Serving;

namespace Mayfly.Fuzz.Targets;

/// <summary>What anybody sends to the platform's port: the Lambda API, function URLs, routes, the admin API.</summary>
internal sealed class InvokeDoorTarget : IFuzzTarget
{
    private FuzzServer? _server;

    public string Name => "invoke-door";

    public IReadOnlyList<byte[]> Tokens { get; } = HttpShape.Tokens(
        "/2015-03-31/functions/frames/invocations", "/2021-11-15/functions/frames/response-streaming-invocations", "/2015-03-31/functions", "/2015-03-31/functions/frames", "/2015-03-31/functions/frames/configuration", "/2015-03-31/functions/frames/aliases",
        "/2017-03-31/tags/arn:aws:lambda:us-east-1:000000000000:function:frames", "/2015-03-31/functions/frames/policy", "/2017-10-31/functions/frames/concurrency", "/_url/frames/", "/_api/", "/_mayfly/api/functions", "/_mayfly/api/health",
        "?Qualifier=$LATEST", "?Marker=x&MaxItems=1", "arn:aws:lambda:us-east-1:000000000000:function:frames", ":$LATEST", "X-Amz-Invocation-Type: Event\r\n", "X-Amz-Invocation-Type: DryRun\r\n", "X-Amz-Log-Type: Tail\r\n",
        "X-Amz-Client-Context: e30=\r\n", "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00\r\n", "Content-Encoding: gzip\r\n", "Origin: http://localhost\r\n",
        "{\"FunctionName\":\"f\",\"Runtime\":\"provided\",\"Role\":\"arn:aws:iam::000000000000:role/any\",\"Handler\":\"x\",\"Code\":{\"ZipFile\":\"UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==\"}}");

    public async Task StartAsync()
    {
        _server = await FuzzServer.StartAsync();
        _server.Sandboxd.Program = FrameProgram.EchoAsync;
        await _server.InvokeAsync("frames");
    }

    public async Task<string> RunAsync(byte[] input)
    {
        using var raw = new RawHttp(new(IPAddress.Loopback, _server!.Port));
        await raw.PlayAsync(input, CancellationToken.None);
        await raw.FinishAsync(TimeSpan.FromSeconds(10));
        var answers = raw.Answers.ToString();
        var bad = answers.IndexOf("HTTP/1.1 500", StringComparison.Ordinal);
        if (bad >= 0 && !answers[bad..].Contains("ServiceException", StringComparison.Ordinal))
        {
            throw new FuzzException($"answered 500 without a reason: {answers[bad..Math.Min(answers.Length, bad + 1000)]}");
        }

        await _server.CheckAliveAsync();
        return raw.Statuses();
    }

    public byte[] Shape(byte[] input, Random random) => HttpShape.Repair(input);

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;
}
