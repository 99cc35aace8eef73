using System.Collections.Immutable;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Services;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Services;

public sealed class ServiceQueuesTests : IDisposable
{
    private static readonly QueueKey Jobs = new("000000000000", "us-east-1", "jobs");

    private readonly TemporaryFolder _folder = new();
    private readonly Database _database;
    private readonly QueueRegistry _queues;
    private readonly ServiceQueues _part;

    public ServiceQueuesTests()
    {
        _database = Database.Open(_folder, StoreSchema.Migrations, NullLogger.Instance);
        _queues = new(_database, TimeProvider.System);
        _part = new(_queues, static _ => new(0, 0, 0), TimeProvider.System);
    }

    public void Dispose()
    {
        _queues.Dispose();
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task ASecondDeployment_ChangesAttributes_AndKeepsWhatOthersSaid()
    {
        await DeployAsync(new DeployedQueue { Name = "jobs" });
        await _queues.ApplyAsync(static all => new() { Put = [all.Find(Jobs)! with { Policy = "{}" }] }, default);
        var id = _queues.Current.Find(Jobs)!.Id;

        await DeployAsync(new DeployedQueue { Name = "jobs", Attributes = ImmutableSortedDictionary<string, string>.Empty.Add("VisibilityTimeout", "60") });

        var queue = _queues.Current.Find(Jobs)!;
        (queue.Id, queue.VisibilitySeconds, queue.Policy, queue.Service).ShouldBe((id, 60, "{}", "shop"));
    }

    [Fact]
    public async Task AQueueThatIsDropped_Stays_AndIsTakenOverAgain_UntilTheServiceGoes()
    {
        await DeployAsync(new DeployedQueue { Name = "jobs" });
        await DeployAsync();
        _queues.Current.Find(Jobs)!.Service.ShouldBeNull();

        await DeployAsync(new DeployedQueue { Name = "jobs" });
        _queues.Current.Find(Jobs)!.Service.ShouldBe("shop");

        await ApplyAsync(Plan() with { IsRemoval = true });
        _queues.Current.Find(Jobs).ShouldBeNull();
    }

    [Fact]
    public async Task AQueueOfAnotherService_IsNotTaken()
    {
        await DeployAsync(new DeployedQueue { Name = "jobs" });
        var other = Plan(new DeployedQueue { Name = "jobs" });

        var refused = await Should.ThrowAsync<ServiceException>(() => ApplyAsync(other with { Deployment = other.Deployment with { Service = "other" } }));

        refused.Message.ShouldContain("queue 'jobs' belongs to service 'shop'");
    }

    [Fact]
    public async Task ASourceThatIsNotThere_IsMade_WithTheUsualSettings()
    {
        var plan = Plan();
        await ApplyAsync(plan with { Deployment = plan.Deployment with { Mappings = [new() { Source = Jobs.Arn, Function = "f" }] } });

        _queues.Current.Find(Jobs)!.VisibilitySeconds.ShouldBe(30);
    }

    private static ServicePlan Plan(params ImmutableArray<DeployedQueue> queues) =>
        new(new() { Service = "shop", Stage = "dev", Functions = [], Queues = queues }, "000000000000", "us-east-1") { Functions = ImmutableDictionary<string, string?>.Empty };

    private Task DeployAsync(params ImmutableArray<DeployedQueue> queues) => ApplyAsync(Plan(queues));

    private Task ApplyAsync(ServicePlan plan) => _part.ApplyAsync(plan, write => _database.WriteAsync(write, CancellationToken.None), default);
}
