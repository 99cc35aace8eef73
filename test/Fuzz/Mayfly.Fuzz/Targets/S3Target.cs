using System.Text;
using Mayfly.Server.Dialects.Aws.S3;
using Mayfly.Server.Dialects.Aws.S3.Auth;
using Mayfly.Server.Dialects.Aws.S3.Bodies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mayfly.Fuzz.Targets;

/// <summary>What reads S3's requests. An input's first line says which: a path, a link, or a kind of body; the rest is that body.</summary>
internal sealed class S3Target : IFuzzTarget
{
    private static readonly TimeProvider Time = TimeProvider.System;

    public string Name => "s3";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. new[]
        {
            "path\n", "link\n", "chunks\n", "xml\n", "form\n", "policy\n", "/b/k", "%2F", "%00", "%", "..", "?", "&", "=", "a\r\n", "0\r\n", "\r\n", ";chunk-signature=00", "ffffffffffffffff", "x-amz-checksum-crc32:AAAAAA==",
            "<Delete>", "</Delete>", "<Object>", "<Key>a</Key>", "<!DOCTYPE a [<!ENTITY b \"c\">]>", "&b;", "<Rule>", "<Status>Enabled</Status>", "<LifecycleConfiguration>", "<NotificationConfiguration>", "<TagSet><Tag>",
            "--b\r\n", "--b--", "Content-Disposition: form-data; name=\"key\"\r\n\r\n", "Content-Disposition: form-data; name=\"file\"\r\n\r\n", "policy", "{\"expiration\": \"2030-01-01T00:00:00Z\", \"conditions\": [",
            "[\"starts-with\", \"$key\", \"\"]", "[\"content-length-range\", 1, 2]", "]}", "X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Credential=test%2F20261123%2Fus-east-1%2Fs3%2Faws4_request", "X-Amz-Date=20261123T000000Z",
            "X-Amz-Expires=60", "X-Amz-SignedHeaders=host", "X-Amz-Signature=00", "AWSAccessKeyId=test", "Signature=a", "Expires=1",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public Task StartAsync() => Task.CompletedTask;

    public async Task<string> RunAsync(byte[] input)
    {
        var line = Array.IndexOf(input, (byte)'\n');
        var kind = line < 0 ? "" : Encoding.Latin1.GetString(input, 0, line);
        var rest = input[(line + 1)..];
        try
        {
            return kind switch
            {
                "path" => Path(rest),
                "link" => Link(rest),
                "chunks" => await ChunksAsync(rest),
                "xml" => Xml(rest),
                "form" => await FormAsync(rest),
                "policy" => Policy(rest),
                _ => "none",
            };
        }
        catch (S3Exception refusal)
        {
            return $"{kind} {refusal.Code}";
        }
    }

    public byte[]? Shape(byte[] input, Random random) => null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string Path(byte[] path)
    {
        var target = Server.Dialects.Aws.S3.S3Target.Read("127.0.0.1", "/" + Encoding.Latin1.GetString(path));
        return target.Key?.Contains('\0', StringComparison.Ordinal) == true ? throw new FuzzException("a key has a NUL") : $"path {target.Bucket is null} {target.Key is null}";
    }

    private static string Link(byte[] query)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Host = new("127.0.0.1");
        context.Request.QueryString = new("?" + Encoding.Latin1.GetString(query).Replace('\n', '&'));
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = "/b/k" + context.Request.QueryString.Value;
        var signer = new S3Signatures(new(null), Time).Check(context, new("b", "k"));
        return signer is { AccessKey: "test" } ? throw new FuzzException("a link is right that nobody signed") : $"link {signer.AccessKey is null}";
    }

    private static async Task<string> ChunksAsync(byte[] body)
    {
        await using var reader = new AwsChunkedReader(new MemoryStream(body), null, ["x-amz-checksum-crc32"], null, "test");
        var (block, total) = (new byte[100], 0);
        while (await reader.ReadAsync(block) is > 0 and var read)
        {
            total += read;
        }

        return total > body.Length ? throw new FuzzException("more came out than went in") : "chunks";
    }

    private static string Xml(byte[] body)
    {
        foreach (var (root, read) in new (string, Action<System.Xml.Linq.XElement>)[]
        {
            ("Delete", static root => _ = root.All("Object").Select(static one => one.Required("Key")).ToList()),
            ("LifecycleConfiguration", static root => LifecycleResource.Read(root)),
            ("NotificationConfiguration", static root => NotificationResource.Read(root)),
            ("CORSConfiguration", static root => CorsRule.Read(root)),
            ("Tagging", static root => Tagging.Read(root, ofBucket: false)),
        })
        {
            if (body.AsSpan().IndexOf(Encoding.ASCII.GetBytes(root)) >= 0)
            {
                var document = S3Xml.Read(body, root);
                read(document);
                S3Xml.Write(document);
                return $"xml {root}";
            }
        }

        return "xml";
    }

    private static async Task<string> FormAsync(byte[] body)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = "multipart/form-data; boundary=b";
        context.Request.Body = new MemoryStream(body);
        var form = await PostForm.ReadAsync(context);
        try
        {
            await form.File.CopyToAsync(Stream.Null);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            // As the door takes it: the form ends where it should not.
            return "form cut";
        }

        return "form";
    }

    private static string Policy(byte[] policy)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["key"] = "k", ["AWSAccessKeyId"] = "other", ["signature"] = "any", ["policy"] = Convert.ToBase64String(policy) };
        var (least, most, _) = new PostPolicy(new(null), Time).Check(new(fields, Stream.Null), "b");
        return $"policy {least <= most}";
    }
}
