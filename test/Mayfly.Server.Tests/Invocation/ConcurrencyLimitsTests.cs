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

        _limits.TryEnter(function).ShouldBeNull();
        _limits.TryEnter(function).ShouldBeNull();
        _limits.TryEnter(function)!.Type.ShouldBe("ReservedFunctionConcurrentInvocationLimitExceeded");

        _limits.Leave(function.Key);
        _limits.TryEnter(function).ShouldBeNull();
        _limits.Running.ShouldBe(2);
    }

    [Fact]
    public void ReservedConcurrencyOfZero_LetsNothingIn() => _limits.TryEnter(Make("off", reserved: 0)).ShouldNotBeNull();

    [Fact]
    public void AccountLimit_IsShared_AndARefusalCountsNothing()
    {
        var (first, second) = (Make("first", null), Make("second", null));
        for (var i = 0; i < InvocationLimits.AccountConcurrency; i++)
        {
            _limits.TryEnter(i % 2 == 0 ? first : second).ShouldBeNull();
        }

        _limits.TryEnter(first)!.Kind.ShouldBe(InvocationErrorKind.TooManyRequests);
        _limits.Running.ShouldBe(InvocationLimits.AccountConcurrency);
        _limits.Leave(second.Key);
        _limits.TryEnter(first).ShouldBeNull();
    }

    private static Function Make(string name, int? reserved)
    {
        var key = new FunctionKey("000000000000", "us-east-1", name);
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
