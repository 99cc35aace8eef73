using System.Text;
using Mayfly.Server.Events;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Events;

public sealed class EventStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EventsOfAnOlderStore_AreThoseOfTheirFunctions()
    {
        using (var old = Database.Open(_folder, [.. StoreSchema.Migrations.Take(9)], NullLogger.Instance))
        {
            await old.WriteAsync(
                session =>
                {
                    foreach (var (name, dead, document) in new[]
                    {
                        ("f", 0, """{"requestId":"1","traceId":"t","accepted":"2026-03-29T00:00:00+00:00"}"""),
                        ("f", 0, """{"qualifier":"live","requestId":"2","traceId":"t","tenantId":"é","accepted":"2026-03-29T00:00:00+00:00","attempts":1}"""),
                        ("g", 1, """{"requestId":"3","traceId":"t","accepted":"2026-03-29T00:00:00+00:00","condition":"Undeliverable","reason":"gone"}"""),
                    })
                    {
                        session.Execute(
                            "INSERT INTO events (account, region, name, due, dead, document, payload) VALUES ('000000000000', 'us-east-1', $name, 7, $dead, $document, $payload)",
                            ("$name", name),
                            ("$dead", dead),
                            ("$document", Encoding.UTF8.GetBytes(document)),
                            ("$payload", new byte[] { 0xff, 0 }));
                    }
                },
                default);
        }

        const string f = "arn:aws:lambda:us-east-1:000000000000:function:f";
        using var database = Database.Open(_folder, StoreSchema.Migrations, NullLogger.Instance);
        database.Read(EventStore.Waiting).ShouldBe([f]);
        var waiting = database.Read(static session => EventStore.List(session, dead: false, null, 10));
        waiting.Select(static summary => summary.Event.Target).ShouldBe([f, f + ":live"]);
        waiting.ShouldAllBe(static summary => summary.Event.Lane == f && summary.Due.ToUnixTimeMilliseconds() == 7);
        var loaded = database.Read(session => EventStore.Find(session, waiting[1].Event.Id))!.Event;
        (loaded.RequestId, loaded.TenantId, loaded.Attempts, loaded.Accepted.Year).ShouldBe(("2", "é", 1, 2026));
        loaded.Payload.ToArray().ShouldBe([0xff, 0]);
        database.Read(static session => EventStore.List(session, dead: true, null, 10)).ShouldHaveSingleItem().Event.Reason.ShouldBe("gone");
    }

    [Fact]
    public async Task Event_ComesBackAsItWasWritten()
    {
        using var database = Database.Open(_folder, StoreSchema.Migrations, NullLogger.Instance);
        var queued = new QueuedEvent
        {
            Target = "arn:aws:events:us-east-1:000000000000:event-bus/x",
            RequestId = "r",
            TraceId = "t",
            Accepted = DateTimeOffset.UnixEpoch,
            Policy = new() { BackOff = BackOffProfile.Knative, MaximumRetryAttempts = 0, MaximumEventAgeSeconds = 60, DeadLetterArn = "arn" },
            Parameters = """{"Source":"a"}""",
            Attributes = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("RULE_ARN", "rule"),
            Attempts = 3,
        };
        await database.WriteAsync(session => EventStore.Insert(session, queued, DateTimeOffset.UnixEpoch), default);
        var read = database.Read(static session => EventStore.Find(session, 1))!.Event;
        read.Attributes!["RULE_ARN"].ShouldBe("rule");
        (read with { Id = 0, Payload = default, Attributes = queued.Attributes }).ShouldBe(queued);
    }
}
