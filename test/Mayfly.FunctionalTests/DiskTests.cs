using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>A disk that is full or read-only: what comes then is refused with a name, what was acknowledged before is delivered, and nobody has to help.</summary>
public sealed class DiskTests
{
    private const int DiskMegabytes = 24;
    private const string Recorder = "import json\ndef handler(event, context):\n    print('seen', event['id'])\n";
    private static readonly string Much = new('x', 200_000);

    [Fact]
    public async Task FullDisk_IsRefusedByName_AndWhatWasAcknowledgedIsDelivered()
    {
        await using var disk = await SmallDisk.NeedAsync(DiskMegabytes);
        await using var server = await MayflyServer.ServeAsync(disk.Folder);
        await LambdaApi.CreateAsync(server, "recorder", "python3.11", "app.handler", Zip.Of(("app.py", Recorder)));
        var acknowledged = new List<string>();
        (await SendAsync(server, acknowledged)).Status.ShouldBe(202);

        var filler = await disk.FillAsync();
        var refused = (Status: 0, Type: "", Text: "");
        await Until.TrueAsync(async () => (refused = await SendAsync(server, acknowledged)).Status != 202, "the disk to be full");
        refused.Status.ShouldBe(500);
        refused.Type.ShouldBe("ServiceException");
        refused.Text.ShouldContain("The disk that Mayfly's store is on is full.");
        using var created = await LambdaApi.TryCreateAsync(server, LambdaApi.Body("other", "python3.11", "app.handler", Zip.Of(("app.py", Recorder + Much))));
        ((int)created.StatusCode).ShouldBe(500);
        (await created.Content.ReadAsStringAsync()).ShouldContain("is full");
        (await server.InvokeAsync("recorder", """{"id":"called"}""")).FunctionError.ShouldBeNull("calls need no disk");

        File.Delete(filler);
        await Until.TrueAsync(async () => (await SendAsync(server, acknowledged)).Status == 202, "room again");
        await Until.TrueAsync(async () => await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting") == "[]", "every event to be done", 60);
        acknowledged.Count.ShouldBeGreaterThan(1);
        var text = (await server.RunAsync(["logs", "recorder"])).Text;
        acknowledged.Where(id => !text.Contains($"seen {id}", StringComparison.Ordinal)).ShouldBeEmpty();
        (await server.Http.GetStringAsync("/_mayfly/api/events")).ShouldBe("[]");
    }

    [Fact]
    public async Task ReadOnlyDisk_IsToldAtStart_AndAllIsThereWhenItCanBeWritten()
    {
        await using var disk = await SmallDisk.NeedAsync(DiskMegabytes);
        await using (var server = await MayflyServer.ServeAsync(disk.Folder))
        {
            await LambdaApi.CreateAsync(server, "recorder", "python3.11", "app.handler", Zip.Of(("app.py", Recorder)));
        }

        await disk.MakeReadOnlyAsync(true);
        var refused = await MayflyProcess.RunAsync(["serve", "--port", Machine.FreePort().ToString(CultureInfo.InvariantCulture)], disk.Folder);
        refused.Status.ShouldNotBe(0);
        (refused.Text + refused.Error).ShouldContain("read-only");

        await disk.MakeReadOnlyAsync(false);
        await using var again = await MayflyServer.ServeAsync(disk.Folder);
        (await LambdaApi.NamesAsync(again)).ShouldBe(["recorder"]);
    }

    /// <summary>A file system with open files does not become read-only by a mount, so the kernel's answers to the server are changed.</summary>
    [Theory]
    [InlineData("pwrite64,ftruncate,fallocate,fdatasync,fsync", "EROFS", "its disk is read-only")]
    [InlineData("pwrite64,ftruncate,fallocate,fdatasync,fsync", "EIO", "failed")]
    [InlineData("fdatasync,fsync", "EIO", "failed")]
    public async Task ADiskThatFailsMeanwhile_RefusesByName_AndNothingAcknowledgedIsLost(string calls, string error, string told)
    {
        const string put = """{"Entries":[{"Source":"shop","DetailType":"d","Detail":"{\"id\":\"put\"}"}]}""";
        Strace.Need();
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await LambdaApi.CreateAsync(server, "recorder", "python3.11", "app.handler", Zip.Of(("app.py", Recorder)));
        using var rule = await EventsAsync(server, "PutRule", """{"Name":"all","EventPattern":"{\"source\":[\"shop\"]}"}""");
        using var target = await EventsAsync(server, "PutTargets", """{"Rule":"all","Targets":[{"Id":"1","Arn":"arn:aws:lambda:us-east-1:000000000000:function:recorder","InputPath":"$.detail"}]}""");
        (List<string> acknowledged, List<string> refused) = ([], []);
        await SendAllAsync();

        var store = Path.Combine(folder.Path, ".mayfly", "store", "store.db");
        await using (await Strace.AttachAsync(ProcessTable.Role(server.Command.Id, "server").Id, "-P", store, "-P", store + "-wal", "-e", "trace=" + calls, "-e", $"inject={calls}:error={error}", "-o", folder["trace"]))
        {
            await SendAllAsync();
            refused.Count.ShouldBe(10);
            var (status, type, text) = await SendAsync(server, acknowledged);
            (status, type).ShouldBe((500, "ServiceException"));
            text.ShouldContain(told);
            using var refusal = await EventsAsync(server, "PutEvents", put);
            ((int)refusal.StatusCode).ShouldBe(500, await refusal.Content.ReadAsStringAsync());
            var answer = await refusal.Content.ReadAsStringAsync();
            answer.ShouldContain("InternalException");
            answer.ShouldContain(told);
            (await server.InvokeAsync("recorder", """{"id":"called"}""")).FunctionError.ShouldBeNull("calls need no disk");
        }

        await SendAllAsync();
        acknowledged.Count.ShouldBe(20);
        using var again = await EventsAsync(server, "PutEvents", put);
        ((int)again.StatusCode).ShouldBe(200);
        await Until.TrueAsync(async () => await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting") == "[]", "every event to be done", 60);
        var log = (await server.RunAsync(["logs", "recorder"])).Text;
        acknowledged.Where(id => !log.Contains($"seen {id}", StringComparison.Ordinal)).ShouldBeEmpty();
        refused.Where(id => log.Contains($"seen {id}", StringComparison.Ordinal)).ShouldBeEmpty();

        async Task SendAllAsync()
        {
            for (var n = 0; n < 10; n++)
            {
                var id = Guid.NewGuid().ToString("N");
                var (status, _, _) = await SendAsync(server, [], id);
                (status == 202 ? acknowledged : refused).Add(id);
            }
        }
    }

    private static async Task<HttpResponseMessage> EventsAsync(MayflyServer server, string operation, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(body, new MediaTypeHeaderValue("application/x-amz-json-1.1")) };
        request.Headers.Add("X-Amz-Target", "AWSEvents." + operation);
        return await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<(int Status, string Type, string Text)> SendAsync(MayflyServer server, List<string> acknowledged, string? name = null)
    {
        var id = name ?? Guid.NewGuid().ToString("N");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/2015-03-31/functions/recorder/invocations") { Content = JsonContent.Create(new JsonObject { ["id"] = id, ["much"] = Much }) };
        request.Headers.Add("X-Amz-Invocation-Type", "Event");
        using var answer = await server.Http.SendAsync(request);
        if ((int)answer.StatusCode == 202)
        {
            acknowledged.Add(id);
        }

        return ((int)answer.StatusCode, answer.Headers.TryGetValues("x-amzn-ErrorType", out var type) ? type.Single() : "", await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A folder whose store is on a small file system of its own.</summary>
    private sealed class SmallDisk : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public string Folder => _folder.Path;

        private string Store => Path.Combine(Folder, ".mayfly", "store");

        public static async Task<SmallDisk> NeedAsync(int megabytes)
        {
            Assert.SkipUnless(Machine.IsRoot, "a small disk is mounted by root");
            var disk = new SmallDisk();
            Directory.CreateDirectory(Path.Combine(disk.Folder, ".mayfly"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Directory.CreateDirectory(disk.Store, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var mounted = await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=700"), "tmpfs", disk.Store]);
            if (mounted.Status != 0)
            {
                disk._folder.Dispose();
                Assert.Skip($"this machine mounts no disk: {mounted.Error}");
            }

            return disk;
        }

        public async Task<string> FillAsync()
        {
            var filler = Path.Combine(Store, "filler");
            await using var file = new FileStream(filler, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            try
            {
                while (true)
                {
                    await file.WriteAsync(new byte[4096]);
                }
            }
            catch (IOException)
            {
                return filler;
            }
        }

        public async Task MakeReadOnlyAsync(bool readOnly) => (await Tool.RunAsync("mount", ["-o", readOnly ? "remount,ro" : "remount,rw", Store])).ShouldSucceed();

        public async ValueTask DisposeAsync()
        {
            (await Tool.RunAsync("umount", [Store])).ShouldSucceed();
            _folder.Dispose();
        }
    }
}
