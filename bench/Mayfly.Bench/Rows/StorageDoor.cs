using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;

namespace Mayfly.Bench.Rows;

/// <summary>Buckets, queues and mappings of a server for benchmarks.</summary>
/// <param name="port">Of the server, on 127.0.0.1.</param>
/// <param name="accessKey">Who asks.</param>
internal sealed class StorageDoor(int port, string accessKey = StorageDoor.AccessKey) : IDisposable
{
    /// <summary>A key that the server knows no secret of: such callers are believed.</summary>
    public const string AccessKey = "AKIDBENCH";

    private readonly HttpConnection _connection = new(port);

    /// <summary>What the AWS SDKs send with a request, but for the signature's digits.</summary>
    public static Dictionary<string, string> Signed(string service, string accessKey = AccessKey)
    {
        var now = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        return new(StringComparer.Ordinal)
        {
            ["X-Amz-Date"] = now,
            ["Authorization"] = $"AWS4-HMAC-SHA256 Credential={accessKey}/{now[..8]}/us-east-1/{service}/aws4_request, SignedHeaders=host;x-amz-date, Signature={new string('0', 64)}",
        };
    }

    /// <summary>What boto3 sends over HTTP with a body that goes into a bucket: its SHA-256 and its CRC32.</summary>
    public static Dictionary<string, string> SignedPut(ReadOnlySpan<byte> body, string accessKey = AccessKey)
    {
        var crc = System.IO.Hashing.Crc32.Hash(body);
        crc.AsSpan().Reverse();
        return new(Signed("s3", accessKey), StringComparer.Ordinal)
        {
            ["X-Amz-Content-Sha256"] = Convert.ToHexStringLower(SHA256.HashData(body)),
            ["X-Amz-Checksum-Crc32"] = Convert.ToBase64String(crc),
            ["Content-Type"] = "application/octet-stream",
        };
    }

    /// <summary>What it sends to read.</summary>
    public static Dictionary<string, string> SignedGet(string accessKey = AccessKey) => new(Signed("s3", accessKey), StringComparer.Ordinal) { ["X-Amz-Content-Sha256"] = Convert.ToHexStringLower(SHA256.HashData([])) };

    /// <summary>What the calls of SQS carry.</summary>
    public static Dictionary<string, string> SignedSqs(string operation) => new(Signed("sqs"), StringComparer.Ordinal) { ["X-Amz-Target"] = "AmazonSQS." + operation, ["Content-Type"] = "application/x-amz-json-1.0" };

    /// <summary>Headers as they stand in a request.</summary>
    public static string Lines(Dictionary<string, string> headers) => string.Concat(headers.Select(static header => $"{header.Key}: {header.Value}\r\n"));

    /// <summary>A request of SQS.</summary>
    public static byte[] SqsRequest(string operation, string body)
    {
        var bytes = Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetBytes($"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n{Lines(SignedSqs(operation))}Content-Length: {bytes}\r\n\r\n{body}");
    }

    /// <summary>The address of a queue.</summary>
    public static string UrlOf(string queue) => "/000000000000/" + queue;

    public void MakeBucket(string bucket) => Check($"bucket {bucket}", _connection.Call(HttpConnection.Request("PUT", "/" + bucket, "", Lines(SignedGet(accessKey)))));

    /// <summary>Puts objects of the same body, named by numbers from 1 on.</summary>
    public void Fill(string path, int count, string body)
    {
        var headers = Lines(SignedPut(Encoding.ASCII.GetBytes(body), accessKey));
        for (var i = 1; i <= count; i++)
        {
            var name = path + i.ToString(CultureInfo.InvariantCulture);
            Check(name, _connection.Call(Encoding.ASCII.GetBytes($"PUT {name} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n{body}")));
        }
    }

    public void MakeQueue(string queue) => Sqs("CreateQueue", $$"""{"QueueName":"{{queue}}"}""");

    /// <summary>Calls an operation of SQS.</summary>
    /// <returns>Its answer.</returns>
    public string Sqs(string operation, string body) => Check(operation, _connection.Call(SqsRequest(operation, body)));

    /// <summary>Makes a function start for the messages of a queue, one at a time.</summary>
    public void Map(string queue, string function) => Check(
        "CreateEventSourceMapping",
        _connection.Call(HttpConnection.Request("POST", "/2015-03-31/event-source-mappings/", $$"""{"EventSourceArn":"arn:aws:sqs:us-east-1:000000000000:{{queue}}","FunctionName":"{{function}}","BatchSize":1}""")));

    public void Dispose() => _connection.Dispose();

    private static string Check(string what, HttpReply reply) => reply.Status is >= 200 and < 300 ? reply.Body : throw new BenchException($"{what} was answered {reply.Status}: {reply.Body}");
}
