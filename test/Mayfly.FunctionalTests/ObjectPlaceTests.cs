using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Contents that go to a bucket of another store, which is a second server or a program of others.</summary>
[Trait("runs", "once")]
public sealed class ObjectPlaceTests
{
    // What is put, read, copied, uploaded in parts, refused and deleted, and what the other store has of it.
    private const string Walk = """
        import hashlib, os, time
        from botocore.exceptions import ClientError

        def keys():
            pages = other.get_paginator('list_objects_v2').paginate(Bucket='contents')
            return [entry['Key'] for page in pages for entry in page.get('Contents', [])]

        s3.create_bucket(Bucket='photos')
        bodies = {f'{size}': os.urandom(size) for size in (0, 1024, 16384, 16385, 20_000, 300_000, 20_000_000, 70_000_000)}
        for key, body in bodies.items():
            tag = s3.put_object(Bucket='photos', Key=key, Body=body)['ETag']
            assert tag.strip('"') == hashlib.md5(body).hexdigest(), key
        for key, body in bodies.items():
            assert s3.get_object(Bucket='photos', Key=key)['Body'].read() == body, key
        assert len(keys()) == 5 and all(key.startswith('of-a/') for key in keys()), keys()

        large = bodies['20000000']
        for first, last in ((0, 0), (7, 300_006), (19_999_990, 20_999_999), (1_000_000, 9_000_000)):
            assert s3.get_object(Bucket='photos', Key='20000000', Range=f'bytes={first}-{last}')['Body'].read() == large[first:last + 1], first

        half = s3.get_object(Bucket='photos', Key='70000000')['Body']
        assert half.read(100_000) == bodies['70000000'][:100_000]
        half.close()

        s3.copy_object(Bucket='photos', Key='copy', CopySource='photos/20000000')
        assert len(keys()) == 5
        s3.delete_object(Bucket='photos', Key='20000000')
        assert s3.get_object(Bucket='photos', Key='copy')['Body'].read() == large

        upload = s3.create_multipart_upload(Bucket='photos', Key='parts')['UploadId']
        parts = [s3.upload_part(Bucket='photos', Key='parts', UploadId=upload, PartNumber=1, Body=large[:6_000_000])['ETag'],
                 s3.upload_part_copy(Bucket='photos', Key='parts', UploadId=upload, PartNumber=2, CopySource='photos/copy', CopySourceRange='bytes=6000000-12999999')['CopyPartResult']['ETag'],
                 s3.upload_part(Bucket='photos', Key='parts', UploadId=upload, PartNumber=3, Body=b'end')['ETag']]
        s3.complete_multipart_upload(Bucket='photos', Key='parts', UploadId=upload, MultipartUpload={'Parts': [{'PartNumber': n + 1, 'ETag': tag} for n, tag in enumerate(parts)]})
        assert s3.get_object(Bucket='photos', Key='parts')['Body'].read() == large[:13_000_000] + b'end'
        assert s3.get_object(Bucket='photos', Key='parts', Range='bytes=5999990-6000009')['Body'].read() == large[5_999_990:6_000_010]
        assert len(keys()) == 8

        try:
            s3.put_object(Bucket='photos', Key='copy', Body=bytes(100_000), ContentMD5='1B2M2Y8AsgTpgAmY7PhCfg==')
            raise AssertionError('a body with another digest was taken')
        except ClientError as refused:
            assert refused.response['Error']['Code'] == 'BadDigest', refused

        for key in (*bodies, 'copy', 'parts'):
            s3.delete_object(Bucket='photos', Key=key)
        deadline = time.monotonic() + 60
        while keys() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert keys() == [], keys()
        result = {'left': len(keys())}
        """;

    [Fact]
    public async Task ContentsGoToTheOtherStore_AndLeaveItWithTheirObjects()
    {
        using var folders = new TemporaryFolder();
        await using var other = await MayflyServer.ServeAsync(Folder(folders, "other"));
        await using var server = await StartAsync(folders, other.Port);
        await WalkAsync(server, other.Port, "us-east-1");
        LeftHere(folders).ShouldBe(0);

        // The library that asks another store is loaded where there is one.
        (await LoadedAsync(server)).ShouldContain("AWSSDK.S3");
        (await LoadedAsync(other)).ShouldNotContain("AWSSDK");
    }

    [Fact]
    public async Task AStoreOfOthers_ServesAsWell()
    {
        var package = await NpmPackage.NeedAsync("s3rver", "3.7.1", "bin/s3rver.js");
        using var folders = new TemporaryFolder();
        var port = Machine.FreePort();
        var start = new ProcessStartInfo(Machine.Need("node", "nodejs"), [Path.Combine(package, "node_modules/s3rver/bin/s3rver.js"), "-d", Folder(folders, "others"), "-p", Text(port), "-a", "127.0.0.1", "-s", "--configure-bucket", "contents"]) { UseShellExecute = false };
        using var others = Process.Start(start)!;
        try
        {
            await Until.TrueAsync(() => IsOpenAsync(port), "the other store to answer");
            await using var server = await StartAsync(folders, port, new() { ["AWS_ACCESS_KEY_ID"] = "S3RVER", ["AWS_SECRET_ACCESS_KEY"] = "S3RVER" });
            await WalkAsync(server, port, "S3RVER");
        }
        finally
        {
            others.Kill();
        }
    }

    [Fact]
    public async Task TheOtherStoreGoesAndComesBack_OnlyLargeContentsNotice()
    {
        using var folders = new TemporaryFolder();
        var port = Machine.FreePort();
        var other = await MayflyServer.ServeAsync(Folder(folders, "other"), port);
        await using var server = await StartAsync(folders, port);
        var own = ProcessTable.Role(server.Command.Id, "server").Id;
        await MakeBucketAsync(port, "contents");
        await MakeBucketAsync(server.Port, "photos");
        (await PutAsync(server, "before", 100_000)).Status.ShouldBe(HttpStatusCode.OK);

        await other.DisposeAsync();
        var refused = await PutAsync(server, "meanwhile", 100_000);
        refused.Status.ShouldBe(HttpStatusCode.InternalServerError);
        refused.Text.ShouldContain($"in bucket 'contents' at http://127.0.0.1:{port}");
        (await GetAsync(server, "meanwhile")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await GetAsync(server, "before")).Status.ShouldBe(HttpStatusCode.InternalServerError);
        (await PutAsync(server, "small", 1024)).Status.ShouldBe(HttpStatusCode.OK);
        (await GetAsync(server, "small")).Body.Length.ShouldBe(1024);

        await using var again = await MayflyServer.ServeAsync(Path.Combine(folders.Path, "other"), port);
        (await GetAsync(server, "before")).Body.Length.ShouldBe(100_000);
        (await PutAsync(server, "after", 100_000)).Status.ShouldBe(HttpStatusCode.OK);
        await Until.TrueAsync(() => LeftHere(folders) == 0, "what was refused to be forgotten", 60);
        (await ListAsync(again)).Count.ShouldBe(2);
        ProcessTable.Role(server.Command.Id, "server").Id.ShouldBe(own);

        // What somebody else deletes there is an error that names it.
        var key = (await ListAsync(again))[0];
        (await SendAsync(port, HttpMethod.Delete, $"/contents/{key}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await GetAsync(server, "before")).Text.ShouldContain($"The content '{key}' is missing in bucket 'contents' at http://127.0.0.1:{port}");
    }

    [Fact]
    public async Task ServerKilledUnderLoad_LosesNothing_AndLeavesNothingUnnamed()
    {
        using var folders = new TemporaryFolder();
        await using var other = await MayflyServer.ServeAsync(Folder(folders, "other"));
        await using var server = await StartAsync(folders, other.Port);
        await MakeBucketAsync(other.Port, "contents");
        await MakeBucketAsync(server.Port, "photos");
        var put = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(lane => LoadAsync(server, lane, put, stop.Token)).ToArray();
        for (var run = 0; run < 5; run++)
        {
            var before = put.Count;
            await Until.TrueAsync(() => put.Count > before + 5 + (run * 7), "load", 60);
            await server.KillServerAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        put.Count.ShouldBeGreaterThan(50);
        foreach (var key in put.Keys)
        {
            (await GetAsync(server, key)).Body.ShouldBe(Body(key, SizeOf(key)), key);
        }

        // Once more in the middle of an upload in parts.
        var large = PutAsync(server, "large", 150_000_000);
        await Until.TrueAsync(async () => await UploadsAsync(other) > 0, "an upload in parts");
        await server.KillServerAsync();
        await large.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        (await GetAsync(server, "large")).Status.ShouldBe(HttpStatusCode.NotFound);

        await Until.TrueAsync(() => LeftHere(folders) == 0, "what was under way to be cleared", 90);
        (await UploadsAsync(other)).ShouldBe(0);
        var named = await KeysAsync(server.Port, "photos");
        await Until.TrueAsync(async () => (await ListAsync(other)).Count == named.Count, $"the other store to have {named.Count} contents and nothing else", 90);
    }

    [Fact]
    public async Task ASettingThatCannotBe_IsRefused_BeforeAnythingStarts()
    {
        using var folders = new TemporaryFolder();
        await using var other = await MayflyServer.ServeAsync(Folder(folders, "other"));
        await using (var server = await StartAsync(folders, other.Port))
        {
            await MakeBucketAsync(other.Port, "contents");
            await MakeBucketAsync(server.Port, "photos");
            (await PutAsync(server, "k", 100_000)).Status.ShouldBe(HttpStatusCode.OK);
            (await server.LogAsync()).ShouldNotContain("a-secret-of-a");
            (await Tool.RunAsync("cat", [$"/proc/{Text(ProcessTable.Role(server.Command.Id, "server").Id)}/cmdline"])).Text.ShouldNotContain("a-secret-of-a");
        }

        var elsewhere = await ServeAsync("local", []);
        elsewhere.Status.ShouldBe(5, elsewhere.Error);
        elsewhere.Error.ShouldContain($"The contents of objects are in 's3://contents/of-a/?endpoint=http://127.0.0.1:{other.Port}&region=us-east-1', and the setting objects names 'local'.");
        var malformed = await ServeAsync("s3://Contents", []);
        malformed.Status.ShouldBe(2);
        malformed.Error.ShouldContain("--objects: objects must name a bucket");
        var keyless = await ServeAsync("s3://contents", new() { ["AWS_SECRET_ACCESS_KEY"] = null });
        keyless.Status.ShouldBe(2);
        keyless.Error.ShouldContain("needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment");

        Task<Tool.Outcome> ServeAsync(string place, Dictionary<string, string?> environment) =>
            MayflyProcess.RunAsync(["serve", "--port", Text(Machine.FreePort()), "--objects", place], Path.Combine(folders.Path, "own"), environment: environment);
    }

    private static Task<MayflyServer> StartAsync(TemporaryFolder folders, int port, Dictionary<string, string?>? keys = null) =>
        MayflyServer.ServeAsync(Folder(folders, "own"), environment: new Dictionary<string, string?>(keys ?? new() { ["AWS_ACCESS_KEY_ID"] = "AKIDOFA", ["AWS_SECRET_ACCESS_KEY"] = "a-secret-of-a" })
        {
            ["MAYFLY_OBJECTS"] = $"s3://contents/of-a?endpoint=http://127.0.0.1:{port}",
        });

    private static async Task WalkAsync(MayflyServer server, int port, string key)
    {
        var other = $"other = boto3.client('s3', endpoint_url='http://127.0.0.1:{port}', region_name='us-east-1', aws_access_key_id='{key}', aws_secret_access_key='{key}')\n"
            + "if not other.list_buckets()['Buckets']: other.create_bucket(Bucket='contents')\n";
        JsonNode result;
        try
        {
            result = await Boto3.RunAsync(server, other + Walk, "s3");
        }
        catch (ShouldAssertException e)
        {
            throw new ShouldAssertException($"{e.Message}\n{await server.LogAsync()}", e);
        }

        ((int)result["left"]!).ShouldBe(0);
    }

    private static async Task LoadAsync(MayflyServer server, int lane, ConcurrentDictionary<string, bool> put, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            try
            {
                // Every third replaces: its old content has to go, its new one has to stay.
                var key = $"{lane}-{number}";
                if ((await PutAsync(server, key, SizeOf(key))).Status == HttpStatusCode.OK && (number % 3 > 0 || (await PutAsync(server, key, SizeOf(key))).Status == HttpStatusCode.OK))
                {
                    put[key] = true;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException)
            {
                // Killed in the middle: nothing was acknowledged.
            }
        }
    }

    private static Task<string> LoadedAsync(MayflyServer server) => File.ReadAllTextAsync($"/proc/{Text(ProcessTable.Role(server.Command.Id, "server").Id)}/maps");

    private static int LeftHere(TemporaryFolder folders) => Directory.EnumerateFiles(Path.Combine(folders.Path, "own", ".mayfly", "store", "objects"), "*", SearchOption.AllDirectories).Count();

    private static int SizeOf(string key) => key.EndsWith('5') ? 5_000_000 : 17_000 + key.Length;

    private static byte[] Body(string key, int size)
    {
        var body = new byte[size];
        new Random(key.GetHashCode(StringComparison.Ordinal)).NextBytes(body);
        return body;
    }

    private static async Task MakeBucketAsync(int port, string name) => (await SendAsync(port, HttpMethod.Put, "/" + name)).Status.ShouldBe(HttpStatusCode.OK);

    private static Task<Answer> PutAsync(MayflyServer server, string key, int size) => SendAsync(server.Port, HttpMethod.Put, $"/photos/{key}", Body(key, size));

    private static Task<Answer> GetAsync(MayflyServer server, string key) => SendAsync(server.Port, HttpMethod.Get, $"/photos/{key}");

    private static Task<List<string>> ListAsync(MayflyServer server) => KeysAsync(server.Port, "contents");

    private static async Task<int> UploadsAsync(MayflyServer server) =>
        XDocument.Parse((await SendAsync(server.Port, HttpMethod.Get, "/contents?uploads")).Text).Descendants().Count(static element => element.Name.LocalName == "UploadId");

    private static async Task<List<string>> KeysAsync(int port, string bucket)
    {
        for (var (keys, after) = (new List<string>(), ""); ;)
        {
            var page = XDocument.Parse((await SendAsync(port, HttpMethod.Get, $"/{bucket}?list-type=2&start-after={Uri.EscapeDataString(after)}")).Text);
            var found = page.Descendants().Where(static element => element.Name.LocalName == "Key").Select(static element => element.Value).ToList();
            keys.AddRange(found);
            if (found.Count < 1000)
            {
                return keys;
            }

            after = found[^1];
        }
    }

    private static async Task<Answer> SendAsync(int port, HttpMethod method, string target, byte[]? body = null)
    {
        var now = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, $"http://127.0.0.1:{port}{target}") { Content = body is null ? null : new ByteArrayContent(body) };
        request.Headers.Add("x-amz-date", now);
        request.Headers.Add("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential=AKIDPLACE/{now[..8]}/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}");
        using var answer = await http.SendAsync(request);
        return new(answer.StatusCode, await answer.Content.ReadAsByteArrayAsync());
    }

    private static async Task<bool> IsOpenAsync(int port)
    {
        try
        {
            return await SendAsync(port, HttpMethod.Get, "/") is not null;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Folder(TemporaryFolder folders, string name) => Directory.CreateDirectory(Path.Combine(folders.Path, name)).FullName;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Answer(HttpStatusCode Status, byte[] Body)
    {
        public string Text => System.Text.Encoding.UTF8.GetString(Body);
    }
}
