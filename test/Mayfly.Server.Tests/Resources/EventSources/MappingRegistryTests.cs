using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Resources.EventSources;

public sealed class MappingRegistryTests : IDisposable
{
    private static readonly EventSourceMapping Whole = new()
    {
        Service = "shop",
        Uuid = "7f3a0c61-0000-4000-8000-000000000001",
        SourceArn = "arn:aws:mq:us-east-1:000000000000:broker:rabbit:b-1",
        FunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:f:live",
        Enabled = false,
        BatchSize = 77,
        WindowSeconds = 3,
        Filters = ["""{"data":["a"]}"""],
        ReportsFailures = true,
        MaximumConcurrency = 4,
        Queue = "orders",
        VirtualHost = "/v",
        BasicAuth = "arn:aws:secretsmanager:us-east-1:000000000000:secret:s",
        KmsKeyArn = "arn:aws:kms:us-east-1:000000000000:key/1",
        Metrics = ["EventCount"],
        LastModified = DateTimeOffset.UnixEpoch,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task MappingsAndBrokers_AreTheSameAfterARestart()
    {
        var broker = Broker.Make(new("000000000000", "us-east-1", "rabbit"), "amqp://user:secret@127.0.0.1:5672/v");
        using (var database = Open())
        {
            using var mappings = new MappingRegistry(database);
            using var brokers = new BrokerRegistry(database);
            await mappings.ApplyAsync(_ => new() { Put = [Whole, Whole with { Uuid = "b", Queue = "other" }] }, default);
            await mappings.ApplyAsync(_ => new() { Remove = ["b"] }, default);
            await brokers.ApplyAsync(_ => new() { Put = [broker] }, default);
        }

        using var again = Open();
        using var loaded = new MappingRegistry(again);
        using var known = new BrokerRegistry(again);
        var mapping = loaded.Current.All.ShouldHaveSingleItem();
        MappingState.Reads(mapping with { Filters = Whole.Filters }, Whole).ShouldBeTrue();
        mapping.Filters.ShouldBe(Whole.Filters);
        mapping.Metrics.ShouldBe(Whole.Metrics);
        mapping.Arn.ShouldBe("arn:aws:lambda:us-east-1:000000000000:event-source-mapping:7f3a0c61-0000-4000-8000-000000000001");
        known.Current.Find("arn:aws:mq:us-east-1:000000000000:broker:rabbit:b-of-another-day").ShouldBe(broker);
        known.Current.Find("arn:aws:mq:eu-west-1:000000000000:broker:rabbit:b-1").ShouldBeNull();
    }

    [Fact]
    public void PasswordOfABroker_IsNowhereShown()
    {
        var broker = Broker.Make(new("000000000000", "us-east-1", "rabbit"), "amqps://user:s%40cret@example.com:5671/v");
        $"{broker} {broker.ShownUrl}".ShouldNotContain("cret");
        broker.ShownUrl.ShouldBe("amqps://user:***@example.com:5671/v");
    }

    [Fact]
    public void State_FollowsFromTheChange()
    {
        MappingState.Between(null, Whole).ShouldBe("Creating");
        MappingState.Between(Whole, null).ShouldBe("Deleting");
        MappingState.Between(Whole, Whole with { Enabled = true }).ShouldBe("Enabling");
        MappingState.Between(Whole with { Enabled = true }, Whole).ShouldBe("Disabling");
        MappingState.Between(Whole, Whole with { BatchSize = 1 }).ShouldBe("Updating");
        MappingState.Settled(Whole).ShouldBe("Disabled");
        MappingState.IsMoving("Disabling").ShouldBeTrue();
        MappingState.IsMoving("Disabled").ShouldBeFalse();
        MappingState.Reads(Whole, Whole with { Tags = Whole.Tags.Add("a", "b"), LastModified = DateTimeOffset.MaxValue }).ShouldBeTrue();
        MappingState.Reads(Whole, Whole with { Filters = ["{}"] }).ShouldBeFalse();
        MappingState.Reads(Whole, Whole with { BatchSize = 1 }).ShouldBeFalse();
    }

    private Database Open() => Database.Open(_folder, StoreSchema.Migrations, NullLogger.Instance);
}
