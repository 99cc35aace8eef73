using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Invocation;

public sealed class ConcurrencyLimitsTests
{
    private readonly ConcurrencyLimits _limits = new();

    [Fact]
    public void ReservedConcurrency_IsTheMostThatEnters()
    {
        var function = Make("reserved", reserved: 2);

        var first = Enter(function, 2);
        Enter(function, 2).Refusal.ShouldBeNull();
        Enter(function, 2).Refusal!.Type.ShouldBe("ReservedFunctionConcurrentInvocationLimitExceeded");

        _limits.Leave(function.Key, first);
        Enter(function, 2).Refusal.ShouldBeNull();
        _limits.Running.ShouldBe(2);
    }

    [Fact]
    public void ReservedConcurrencyOfZero_LetsNothingIn() => Enter(Make("off", reserved: 0), 0).Refusal!.Type.ShouldBe("ReservedFunctionConcurrentInvocationLimitExceeded");

    [Fact]
    public void AccountLimit_IsShared_AndARefusalCountsNothing()
    {
        var (first, second) = (Make("first", null), Make("second", null));
        var admission = Enter(second, 0);
        for (var i = 1; i < InvocationLimits.AccountConcurrency; i++)
        {
            Enter(i % 2 == 0 ? first : second, 0).Refusal.ShouldBeNull();
        }

        var refusal = Enter(first, 0).Refusal!;
        (refusal.Kind, refusal.Type).ShouldBe((InvocationErrorKind.TooManyRequests, "ConcurrentInvocationLimitExceeded"));
        _limits.Running.ShouldBe(InvocationLimits.AccountConcurrency);
        Enter(Make("elsewhere", null, "eu-west-1"), 0).Refusal.ShouldBeNull();
        _limits.Leave(second.Key, admission);
        Enter(first, 0).Refusal.ShouldBeNull();
    }

    [Fact]
    public void WhatOthersReserve_IsNotShared_AndTheirsIsNotTaken()
    {
        var (free, reserved) = (Make("free", null), Make("reserved", reserved: 900));
        Fill(free, 900, 100);
        Enter(free, 900).Refusal!.Type.ShouldBe("ConcurrentInvocationLimitExceeded");
        Fill(reserved, 900, 900);
        _limits.Running.ShouldBe(1000);
    }

    [Fact]
    public void ProvisionedConcurrency_SpillsOverIntoWhatIsShared()
    {
        var provisioned = Make("provisioned", null).With("1", new() { Provisioned = new(5, default) });
        var free = Make("free", null);
        Fill(free, 5, 995);
        Fill(provisioned, 5, 5);
        Enter(provisioned, 5).Refusal!.Type.ShouldBe("ConcurrentInvocationLimitExceeded");
        _limits.Leave(free.Key, new(IsShared: true, null));
        var spilled = Enter(provisioned, 5);
        spilled.IsShared.ShouldBeTrue();
        Enter(free, 5).Refusal.ShouldNotBeNull();
        _limits.Leave(provisioned.Key, spilled);
        Enter(free, 5).Refusal.ShouldBeNull();
    }

    [Fact]
    public void Snapshot_KnowsWhatIsReservedInAnAccountAndRegion()
    {
        var (first, second) = (Make("first", 10), Make("second", null).With("1", new() { Provisioned = new(5, default) }));
        var snapshot = FunctionSnapshot.Empty.With(first).With(second).With(Make("elsewhere", 7, "eu-west-1"));
        snapshot.ReservedBeside(first.Key).ShouldBe(15);
        snapshot.With(Make("first", 4)).ReservedBeside(first.Key).ShouldBe(9);
        snapshot.Without(first.Key).Without(second.Key).Reserved.Count.ShouldBe(1);
    }

    private Admission Enter(Function function, int reserved) => _limits.TryEnter(function, reserved);

    private void Fill(Function function, int reserved, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Enter(function, reserved).Refusal.ShouldBeNull();
        }
    }

    private static Function Make(string name, int? reserved, string region = "us-east-1")
    {
        var key = new FunctionKey("000000000000", region, name);
        return new()
        {
            Key = key,
            Latest = new()
            {
                Id = name,
                Function = key,
                Config = new() { Runtime = "provided", ReservedConcurrency = reserved },
                Code = new(new string('0', 64), 1),
                LastModified = DateTimeOffset.UnixEpoch,
            },
        };
    }
}
