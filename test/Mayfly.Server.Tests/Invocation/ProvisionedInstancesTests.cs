using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Tests.Functions;

namespace Mayfly.Server.Tests.Invocation;

public sealed class ProvisionedInstancesTests
{
    [Fact]
    public async Task Pool_AsksForWhatIsMissing_AndKeepsIt()
    {
        await using var first = await FakeShim.StartAsync();
        await using var second = await FakeShim.StartAsync();
        var pool = new InstancePool(first.Instance.Revision, TimeProvider.System, null);
        pool.NeedsKept().ShouldBeFalse();
        pool.Keep(1);
        pool.NeedsKept().ShouldBeTrue();
        pool.NeedsKept().ShouldBeFalse();
        pool.Kept.ShouldBe(new(0, null));

        pool.OnFree(first.Free.Single());
        pool.OnStarted(first.Instance, kept: true);
        pool.Kept.ShouldBe(new(1, null));
        pool.Coldest().Instance.ShouldBeNull();

        // One that a caller needed besides is pruned as always.
        pool.OnFree(second.Free.Single());
        pool.Coldest().Instance.ShouldBe(second.Instance);

        pool.OnEnded(first.Instance);
        pool.Kept.ShouldBe(new(0, null));
        pool.NeedsKept().ShouldBeTrue();
        pool.OnStartFailed(new(null, new(InvocationErrorKind.InitFailed, "T", "it broke")), kept: true);
        pool.Kept.ShouldBe(new(0, "it broke"));
        pool.NeedsKept().ShouldBeTrue();
    }

    [Fact]
    public async Task WhatIsNotAskedForAnyMore_MayBePruned()
    {
        await using var shim = await FakeShim.StartAsync();
        var pool = new InstancePool(shim.Instance.Revision, TimeProvider.System, null);
        pool.Keep(1);
        pool.NeedsKept().ShouldBeTrue();
        pool.OnFree(shim.Free.Single());
        pool.OnStarted(shim.Instance, kept: true);
        pool.Keep(0);
        pool.NeedsKept().ShouldBeFalse();
        pool.Coldest().Instance.ShouldBe(shim.Instance);
        pool.Keep(1);
        pool.Close();
        pool.Keep(2);
        pool.NeedsKept().ShouldBeFalse();
    }

    [Fact]
    public void AliasesInstances_BelongToTheVersionThatItNamesFirst()
    {
        var function = FunctionRegistryTests.Make("f").Publish(null, default).Function;
        function = (function with { Latest = function.Latest with { Id = "other" } }).Publish(null, default).Function;
        function = function with { Aliases = function.Aliases.Add("live", new() { Name = "live", Version = "2", WeightedVersion = "1", Weight = 0.5, RevisionId = "" }) };
        function = function.With("live", new() { Provisioned = new(3, default) }).With("1", new() { Provisioned = new(2, default) });
        function.ProvisionedFor("1").ShouldBe(2);
        function.ProvisionedFor("2").ShouldBe(3);
        function.Provisioned.ShouldBe(5);
        var snapshot = FunctionSnapshot.Empty.With(function);
        snapshot.Provisioned.ShouldBe([function.Key]);
        snapshot.With(function.With("live", QualifierSettings.None).With("1", QualifierSettings.None)).Provisioned.ShouldBeEmpty();
        snapshot.Without(function.Key).Provisioned.ShouldBeEmpty();
    }
}
