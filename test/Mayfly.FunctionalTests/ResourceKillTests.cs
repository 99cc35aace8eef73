using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>The server is killed at random moments under a load of uploads and messages: what was acknowledged is there, whole, and told of.</summary>
[Trait("runs", "once")]
public sealed class ResourceKillTests
{
    private const string Bucket = "kill";
    private const string Told = "/000000000000/told";
    private const string Work = "/000000000000/work";

    // How often: 12, or what ./dev e2e kill --runs says.
    private static readonly int Runs = NumberOf("MAYFLY_KILL_RUNS", 12);
    private static readonly int Seed = NumberOf("MAYFLY_KILL_SEED", 1);

    private readonly ConcurrentDictionary<string, string> _put = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _deleted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _beingDeleted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _sent = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _received = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _done = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _twice = [];
    private int _acknowledged;

    [Fact]
    public async Task ServerKilledUnderLoad_HasWhatWasAcknowledged_AndNothingHalf()
    {
        using var folder = new TemporaryFolder().Write("serverless.yml", """
            service: killed
            provider: { name: aws }
            resources:
              Resources:
                Told: { Type: AWS::SQS::Queue, Properties: { QueueName: told } }
                Work: { Type: AWS::SQS::Queue, Properties: { QueueName: work, VisibilityTimeout: 2 } }
                Bucket:
                  Type: AWS::S3::Bucket
                  Properties:
                    BucketName: kill
                    NotificationConfiguration: { QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: !GetAtt Told.Arn }, { Event: 's3:ObjectRemoved:*', Queue: !GetAtt Told.Arn }] }
            """);
        await using var server = await MayflyServer.UpAsync(folder.Path);
        using var stop = new CancellationTokenSource();
        Task[] load =
        [
            LoadAsync(number => PutAsync(server, $"small/{number}", 100 + (number % 900)), stop.Token),
            LoadAsync(number => PutAsync(server, $"same/{number % 3}/{number}", 17_000 + number), stop.Token),
            LoadAsync(number => PutAsync(server, $"large/{number}", 300_000), stop.Token),
            LoadAsync(number => UploadAsync(server, $"parts/{number}"), stop.Token),
            LoadAsync(_ => DeleteAsync(server), stop.Token),
            LoadAsync(number => SendAsync(server, $"a-{number}"), stop.Token),
            LoadAsync(number => SendAsync(server, $"b-{number}"), stop.Token),
            LoadAsync(_ => WorkAsync(server), stop.Token),
            LoadAsync(_ => WorkAsync(server), stop.Token),
        ];

        for (var (run, lived) = (0, Stopwatch.StartNew()); run < Runs; run++)
        {
            var random = new Random(Seed + run);
            var (before, enough) = (Volatile.Read(ref _acknowledged), random.Next(5, 150));
            await Until.TrueAsync(() => Volatile.Read(ref _acknowledged) > before + enough, "load");

            // What ran for two seconds is started again at once.
            var young = TimeSpan.FromSeconds(2.1) - lived.Elapsed;
            await Task.Delay((young > TimeSpan.Zero ? young : TimeSpan.Zero) + TimeSpan.FromMilliseconds(random.Next(0, 100)), TestContext.Current.CancellationToken);
            var killed = ProcessTable.Role(server.Command.Id, "server").Id;
            (await Tool.RunAsync("kill", ["-9", killed.ToString(CultureInfo.InvariantCulture)])).ShouldSucceed();
            await Until.TrueAsync(() => ProcessTable.TryRole(server.Command.Id, "server") is { } other && other.Id != killed, "another server", 60);
            lived.Restart();
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        await Until.TrueAsync(async () => await Task.FromResult(await IsThereAsync(server)), "the server to answer", 60);

        // 1. Objects: what was acknowledged is there and whole, and so is whatever is listed; what was deleted is not.
        var listed = await ListAsync(server);
        _put.Keys.Where(key => !_beingDeleted.ContainsKey(key) && !listed.ContainsKey(key)).ShouldBeEmpty("each acknowledged object is there");
        _deleted.Keys.Where(listed.ContainsKey).ShouldBeEmpty("what was deleted stays away");
        foreach (var (key, tag) in listed)
        {
            var body = await GetAsync(server, key);
            var digest = Convert.ToHexStringLower(MD5.HashData(body));
            (tag.Contains('-', StringComparison.Ordinal) ? $"{Convert.ToHexStringLower(MD5.HashData(MD5.HashData(body)))}-1" : digest).ShouldBe(tag, key);
            _put.GetValueOrDefault(key, digest).ShouldBe(digest, key);
        }

        Directory.EnumerateFiles(Path.Combine(folder.Path, ".mayfly", "store", "objects", "tmp")).ShouldBeEmpty("nothing half-written is left");

        // 2. Each change was told of, and nothing else.
        var (created, removed) = await DrainToldAsync(server, listed);
        listed.Keys.Where(key => !created.Contains(key)).ShouldBeEmpty("no object without its event");
        created.Where(key => !listed.ContainsKey(key) && !_beingDeleted.ContainsKey(key)).ShouldBeEmpty("no event without its object");
        removed.Where(listed.ContainsKey).ShouldBeEmpty("no event of a removal that was none");

        // 3. Messages: each comes, and none after its deletion was acknowledged.
        await Until.TrueAsync(
            async () =>
            {
                await WorkAsync(server);
                return _sent.Keys.All(_received.ContainsKey);
            },
            "each message that was acknowledged",
            60);
        _twice.ShouldBeEmpty("what was deleted does not come again");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kill: {Runs} runs from seed {Seed}, {_put.Count} objects and {_sent.Count} messages acknowledged, {_deleted.Count} objects and {_done.Count} messages deleted, 0 lost"));
    }

    private async Task LoadAsync(Func<int, Task<bool>> act, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            try
            {
                if (await act(number))
                {
                    Interlocked.Increment(ref _acknowledged);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException)
            {
                // Killed in the middle: nothing was acknowledged.
            }

            await Task.Delay(5, CancellationToken.None);
        }
    }

    private async Task<bool> PutAsync(MayflyServer server, string key, int size)
    {
        var body = Body(key, size);
        using var answer = await S3Async(server, HttpMethod.Put, $"/{Bucket}/{key}", body);
        return answer.IsSuccessStatusCode && _put.TryAdd(key, Convert.ToHexStringLower(MD5.HashData(body)));
    }

    private async Task<bool> UploadAsync(MayflyServer server, string key)
    {
        using var begun = await S3Async(server, HttpMethod.Post, $"/{Bucket}/{key}?uploads");
        if (!begun.IsSuccessStatusCode)
        {
            return false;
        }

        var id = XDocument.Parse(await begun.Content.ReadAsStringAsync()).Descendants().Single(static element => element.Name.LocalName == "UploadId").Value;
        var body = Body(key, 100_000);
        using var part = await S3Async(server, HttpMethod.Put, $"/{Bucket}/{key}?partNumber=1&uploadId={id}", body);
        if (!part.IsSuccessStatusCode)
        {
            return false;
        }

        var document = Encoding.UTF8.GetBytes($"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.Headers.ETag!.Tag}</ETag></Part></CompleteMultipartUpload>");
        using var answer = await S3Async(server, HttpMethod.Post, $"/{Bucket}/{key}?uploadId={id}", document);
        return answer.IsSuccessStatusCode && _put.TryAdd(key, Convert.ToHexStringLower(MD5.HashData(body)));
    }

    private async Task<bool> DeleteAsync(MayflyServer server)
    {
        var key = _put.Keys.FirstOrDefault(key => !_beingDeleted.ContainsKey(key) && key.GetHashCode(StringComparison.Ordinal) % 4 == 0);
        if (key is null)
        {
            return false;
        }

        _beingDeleted[key] = true;
        using var answer = await S3Async(server, HttpMethod.Delete, $"/{Bucket}/{key}");
        return answer.IsSuccessStatusCode && _deleted.TryAdd(key, true);
    }

    private async Task<bool> SendAsync(MayflyServer server, string text) =>
        await SqsAsync(server, "SendMessage", new() { ["QueueUrl"] = Work, ["MessageBody"] = text }) is not null && _sent.TryAdd(text, true);

    private async Task<bool> WorkAsync(MayflyServer server)
    {
        var done = _done.Keys.ToHashSet(StringComparer.Ordinal);
        var answer = await SqsAsync(server, "ReceiveMessage", new() { ["QueueUrl"] = Work, ["MaxNumberOfMessages"] = 10 });
        foreach (var message in answer?["Messages"]?.AsArray() ?? [])
        {
            var text = (string)message!["Body"]!;
            _received[text] = true;
            if (done.Contains(text))
            {
                _twice.Add(text);
            }

            if (await SqsAsync(server, "DeleteMessage", new() { ["QueueUrl"] = Work, ["ReceiptHandle"] = (string)message["ReceiptHandle"]! }) is not null)
            {
                _done[text] = true;
            }
        }

        return answer?["Messages"] is not null;
    }

    // Until every object that is there was told of, and then what is left.
    private static async Task<(HashSet<string> Created, HashSet<string> Removed)> DrainToldAsync(MayflyServer server, Dictionary<string, string> listed)
    {
        var (created, removed) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        await Until.TrueAsync(
            async () =>
            {
                var answer = await SqsAsync(server, "ReceiveMessage", new() { ["QueueUrl"] = Told, ["MaxNumberOfMessages"] = 10, ["VisibilityTimeout"] = 600 });
                var records = (answer?["Messages"]?.AsArray() ?? []).SelectMany(static message => JsonNode.Parse((string)message!["Body"]!)!["Records"]!.AsArray()).ToList();
                foreach (var record in records)
                {
                    var key = Uri.UnescapeDataString((string)record!["s3"]!["object"]!["key"]!);
                    (((string)record["eventName"]!).StartsWith("ObjectCreated:", StringComparison.Ordinal) ? created : removed).Add(key);
                }

                return records.Count == 0 && listed.Keys.All(created.Contains) && JsonNode.Parse(await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting"))!.AsArray().Count == 0;
            },
            "what objects were told of",
            120);
        return (created, removed);
    }

    private static async Task<bool> IsThereAsync(MayflyServer server)
    {
        try
        {
            using var answer = await S3Async(server, HttpMethod.Head, $"/{Bucket}");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<Dictionary<string, string>> ListAsync(MayflyServer server)
    {
        var listed = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var token = default(string); ;)
        {
            using var answer = await S3Async(server, HttpMethod.Get, $"/{Bucket}?list-type=2{(token is null ? "" : $"&continuation-token={Uri.EscapeDataString(token)}")}");
            var page = XDocument.Parse(await answer.Content.ReadAsStringAsync()).Root!;
            string Of(XElement element, string name) => element.Elements().Single(child => child.Name.LocalName == name).Value;
            foreach (var entry in page.Elements().Where(static child => child.Name.LocalName == "Contents"))
            {
                listed[Of(entry, "Key")] = Of(entry, "ETag").Trim('"');
            }

            if (Of(page, "IsTruncated") == "false")
            {
                return listed;
            }

            token = Of(page, "NextContinuationToken");
        }
    }

    private static async Task<byte[]> GetAsync(MayflyServer server, string key)
    {
        using var answer = await S3Async(server, HttpMethod.Get, $"/{Bucket}/{key}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, key);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static byte[] Body(string key, int size)
    {
        var body = new byte[size];
        new Random(key.GetHashCode(StringComparison.Ordinal)).NextBytes(body);
        return body;
    }

    private static async Task<HttpResponseMessage> S3Async(MayflyServer server, HttpMethod method, string target, byte[]? body = null)
    {
        using var request = new HttpRequestMessage(method, target) { Content = body is null ? null : new ByteArrayContent(body) };
        Sign(request, "s3");
        request.Headers.Add("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        return await server.Http.SendAsync(request);
    }

    private static async Task<JsonNode?> SqsAsync(MayflyServer server, string operation, JsonObject input)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(input.ToJsonString(), Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.0");
        request.Headers.Add("X-Amz-Target", $"AmazonSQS.{operation}");
        Sign(request, "sqs");
        using var answer = await server.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text.Length == 0 ? "{}" : text) : null;
    }

    // Any key is good as it is: whose, where and when is all that is read.
    private static void Sign(HttpRequestMessage request, string service)
    {
        var now = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.Add("x-amz-date", now);
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential=AKIDKILL/{now[..8]}/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}");
    }

    private static int NumberOf(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
