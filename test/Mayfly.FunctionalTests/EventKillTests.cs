using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>The server is killed at random moments under a load of events of all kinds: whatever was acknowledged comes, and each time of a schedule is one event.</summary>
[Trait("runs", "once")]
public sealed class EventKillTests
{
    private const int Rules = 3;
    private const int Senders = 3;
    private const int MostWaiting = 30;

    // Events get too old after six hours of the clock.
    private const int MostMinutes = 300;

    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // How often: 25, or what ./dev e2e kill --runs says.
    private static readonly int Runs = NumberOf("MAYFLY_KILL_RUNS", 12);
    private static readonly int Seed = NumberOf("MAYFLY_KILL_SEED", 1);

    [Fact]
    public async Task ServerKilledUnderLoad_DeliversAllThatWasAcknowledged_AndOneEventEachTime()
    {
        await using var receiver = new HttpReceiver();
        using var project = Project(new Uri(receiver.Url).Port);
        await using var server = await MayflyServer.UpAsync(project.Path, clock: Begin.UtcDateTime.ToString("s", CultureInfo.InvariantCulture) + "Z");
        var acknowledged = new ConcurrentBag<string>();
        var minute = 0;
        using var stop = new CancellationTokenSource();
        Task[] load =
        [
            .. Enumerable.Range(0, Senders).Select(sender => LoadAsync(acknowledged, $"call-{sender}", id => CallAsync(server, id), stop.Token)),
            .. Enumerable.Range(0, Senders).Select(sender => LoadAsync(acknowledged, $"event-{sender}", id => PutAsync(server, id), stop.Token)),
            LoadAsync([], "minute", async _ =>
            {
                // A server that was started again stands where the first one began.
                var now = Volatile.Read(ref minute);
                var next = now < MostMinutes && await IsKeepingUpAsync(server) ? now + 1 : now;
                return await MoveToAsync(server, next) && Interlocked.Exchange(ref minute, next) < next;
            }, stop.Token),
        ];

        for (var (run, lived) = (0, Stopwatch.StartNew()); run < Runs; run++)
        {
            var random = new Random(Seed + run);
            var before = acknowledged.Count;
            var enough = random.Next(5, 80);
            await Until.TrueAsync(() => acknowledged.Count > before + enough, "load");

            // What ran for two seconds is started again at once; every fifth is killed younger.
            var young = run % 5 == 4 ? TimeSpan.Zero : TimeSpan.FromSeconds(2.1) - lived.Elapsed;
            await Task.Delay((young > TimeSpan.Zero ? young : TimeSpan.Zero) + TimeSpan.FromMilliseconds(random.Next(0, 100)), TestContext.Current.CancellationToken);
            var killed = ProcessTable.Role(server.Command.Id, "server").Id;
            (await Tool.RunAsync("kill", ["-9", killed.ToString(CultureInfo.InvariantCulture)])).ShouldSucceed();
            await Until.TrueAsync(() => ProcessTable.TryRole(server.Command.Id, "server") is { } other && other.Id != killed, "another server", 60);
            lived.Restart();
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);

        // Retries wait for the clock to go on, and no event may get too old by that.
        var last = minute;
        try
        {
            await Until.TrueAsync(async () => await MoveToAsync(server, minute + 1) && await IsDeliveredAsync(server, receiver, acknowledged, ++minute, last), "all that was acknowledged to come", 120);
        }
        catch (ShouldAssertException e)
        {
            var come = Come(receiver);
            throw new ShouldAssertException($"missing: {string.Join(' ', acknowledged.Where(id => !come.ContainsKey(id)).Order().Take(50))}; minutes until {last}: {string.Join(' ', Missing(receiver, last))}; dead: {string.Join("; ", JsonNode.Parse(await server.Http.GetStringAsync("/_mayfly/api/events"))!.AsArray().Select(static dead => $"{dead!["attempts"]} {dead["condition"]} {dead["reason"]}").Distinct().Take(10))}; waiting: {Beginning(await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting"))}; log: {await server.LogAsync()}; {server.Command.All}", e);
        }

        var occurrences = Occurrences(receiver);
        occurrences.Where(static entry => entry.Value.Distinct().Count() > 1).Select(static entry => entry.Key).ShouldBeEmpty("each time is one event");
        var deliveries = receiver.Requests.Count;
        var events = Come(receiver).Count + occurrences.Count;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kill: {Runs} runs from seed {Seed}, {acknowledged.Count} events acknowledged, {last} minutes of {Rules} schedules, 0 lost, {deliveries} deliveries, {deliveries - events} repeated"));
    }

    // The clock must not run away from a machine that is slow.
    private static async Task<bool> IsKeepingUpAsync(MayflyServer server) =>
        JsonNode.Parse(await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting"))!.AsArray().Count < MostWaiting;

    private static async Task<bool> IsDeliveredAsync(MayflyServer server, HttpReceiver receiver, ConcurrentBag<string> acknowledged, int minute, int last)
    {
        await Until.TrueAsync(async () => JsonNode.Parse(await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting"))!.AsArray().All(waiting => DateTimeOffset.Parse((string)waiting!["due"]!, CultureInfo.InvariantCulture) > Begin.AddMinutes(minute)), "what is due to be tried", 60);
        var come = Come(receiver);
        return acknowledged.All(come.ContainsKey) && Occurrences(receiver).Count(entry => entry.Key.Minute <= last) >= Rules * last;
    }

    private static TemporaryFolder Project(int port) => new TemporaryFolder()
        .Write("serverless.yml", $$"""
            service: killed
            provider: { name: aws, runtime: python3.11, timeout: 20 }
            functions:
              note:
                name: note
                handler: app.handler
                mayfly: { network: host }
                environment: { RECEIVER: "{{port}}" }
                events:
                  - eventBridge: { pattern: { source: [shop] }, inputPath: $.detail }
            {{string.Concat(Enumerable.Repeat("      - schedule: rate(1 minute)\n", Rules))}}
            """)
        .Write("app.py", """
            import http.client, json, os
            def handler(event, context):
                to = http.client.HTTPConnection('127.0.0.1', int(os.environ['RECEIVER']), timeout=10)
                to.request('POST', '/', json.dumps(event))
                to.getresponse().read()
            """);

    // One after the other; a server that is being killed refuses, which acknowledges nothing.
    private static async Task LoadAsync(ConcurrentBag<string> acknowledged, string name, Func<string, Task<bool>> send, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
            try
            {
                if (await send(id))
                {
                    acknowledged.Add(id);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException)
            {
                // Killed in the middle.
            }

            await Task.Delay(5, CancellationToken.None);
        }
    }

    private static async Task<bool> CallAsync(MayflyServer server, string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/2015-03-31/functions/note/invocations") { Content = JsonContent.Create(new JsonObject { ["id"] = id }) };
        request.Headers.Add("X-Amz-Invocation-Type", "Event");
        using var answer = await server.Http.SendAsync(request);
        return (int)answer.StatusCode == 202;
    }

    private static async Task<bool> PutAsync(MayflyServer server, string id)
    {
        var entry = new JsonObject { ["Source"] = "shop", ["DetailType"] = "order", ["Detail"] = new JsonObject { ["id"] = id }.ToJsonString() };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(new JsonObject { ["Entries"] = new JsonArray(entry) }.ToJsonString(), Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        request.Headers.Add("X-Amz-Target", "AWSEvents.PutEvents");
        using var answer = await server.Http.SendAsync(request);
        return answer.IsSuccessStatusCode && (int)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["FailedEntryCount"]! == 0;
    }

    private static async Task<bool> MoveToAsync(MayflyServer server, int minute)
    {
        try
        {
            using var answer = await server.Http.PostAsync("/_mayfly/api/clock", JsonContent.Create(new JsonObject { ["to"] = Begin.AddMinutes(minute).UtcDateTime.ToString("s", CultureInfo.InvariantCulture) + "Z" }));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Not there yet.
            return false;
        }
    }

    private static IEnumerable<JsonNode> Told(HttpReceiver receiver) => receiver.Requests.Select(static request => JsonNode.Parse(request.Body)!);

    // What came with an id of ours, and how often.
    private static Dictionary<string, int> Come(HttpReceiver receiver) =>
        Told(receiver).Select(static told => (string?)told["id"]).OfType<string>().Where(static id => id.StartsWith("call-", StringComparison.Ordinal) || id.StartsWith("event-", StringComparison.Ordinal))
            .GroupBy(static id => id, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.Count(), StringComparer.Ordinal);

    // The ids of the events that came for each time of each schedule.
    private static Dictionary<(string Rule, int Minute), List<string>> Occurrences(HttpReceiver receiver) =>
        Told(receiver).Where(static told => (string?)told["detail-type"] == "Scheduled Event")
            .GroupBy(static told => ((string)told["resources"]![0]!, (int)(DateTimeOffset.Parse((string)told["time"]!, CultureInfo.InvariantCulture) - Begin).TotalMinutes))
            .ToDictionary(static group => group.Key, static group => group.Select(static told => (string)told["id"]!).ToList());

    private static IEnumerable<string> Missing(HttpReceiver receiver, int last)
    {
        var come = Occurrences(receiver).Keys.ToLookup(static key => key.Minute);
        return Enumerable.Range(1, last).Where(minute => come[minute].Count() < Rules).Select(minute => $"{minute}:{come[minute].Count()}");
    }

    private static string Beginning(string text) => text.Length > 1500 ? text[..1500] + "…" : text;

    private static int NumberOf(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
