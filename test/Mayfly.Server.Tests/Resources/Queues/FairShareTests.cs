using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Tests.Resources.Queues;

/// <summary>Whose message is next.</summary>
public sealed class FairShareTests
{
    [Theory]
    [InlineData(29, 29, false)]
    [InlineData(30, 30, true)]
    [InlineData(30, 299, true)]
    [InlineData(30, 300, false)]
    [InlineData(12_001, 120_000, true)]
    public void Tenant_IsNoisyWithThirtyAndMoreThanATenth(int own, int all, bool noisy) => FairShare.IsNoisy(own, all).ShouldBe(noisy);

    [Fact]
    public void OldestMessageOfAQuietTenant_IsNext() => FairShare.Pick([(1, 40), (7, 3), (5, 20)], 63).ShouldBe(2);

    [Fact]
    public void AmongNoisyTenants_WhoHasLeastInFlight_IsNext() => FairShare.Pick([(1, 60), (2, 40), (3, 50)], 150).ShouldBe(1);

    [Fact]
    public async Task TenantWithALongBacklog_DoesNotHoldUpOthers()
    {
        using var folder = new TemporaryFolder();
        using var queues = new QueueFixture(folder);
        var key = await queues.PutAsync("q", static queue => queue with { VisibilitySeconds = 1000 });
        for (var i = 0; i < 60; i++)
        {
            await queues.Engine.SendAsync(key, [.. Enumerable.Range(0, 10).Select(static n => new NewMessage("x") { GroupId = "noisy" })], default);
        }

        // Whoever comes behind 600 messages is served once 30 are in flight.
        await queues.SendAsync(key, "quiet", group: "quiet");
        await queues.SendAsync(key, "none");
        var bodies = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            bodies.AddRange((await queues.ReceiveAsync(key)).Select(static message => message.Body));
        }

        bodies.Count.ShouldBe(50);
        bodies.ShouldContain("quiet");
        bodies.ShouldContain("none");

        // After a restart the window is filled from the store, with the oldest ones: the others are looked for.
        await queues.SendAsync(key, "late", group: "late");
        using var after = queues.Crash(Path.Combine(folder, "after"));
        (await after.ReceiveAsync(key)).Select(static message => message.Body).ShouldContain("late");
    }
}
