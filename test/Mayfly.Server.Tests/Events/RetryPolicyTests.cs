using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Tests.Functions;

namespace Mayfly.Server.Tests.Events;

public sealed class RetryPolicyTests
{
    private static readonly DateTimeOffset Accepted = DateTimeOffset.UnixEpoch;
    private static readonly InvocationError FunctionError = new(InvocationErrorKind.Unhandled, "E", "");
    private static readonly InvocationError Throttled = new(InvocationErrorKind.TooManyRequests, "R", "");

    [Fact]
    public void Success_Ends() => Decide(Queued(1), null).ShouldBe(EventVerdict.Ended("Success"));

    [Theory]
    [InlineData(null, 1, 60)]
    [InlineData(null, 2, 120)]
    [InlineData(null, 3, -1)]
    [InlineData(0, 1, -1)]
    [InlineData(1, 1, 60)]
    [InlineData(1, 2, -1)]
    public void FunctionErrors_AreRetriedAfterOneAndTwoMinutes(int? retries, int attempts, int seconds)
    {
        var verdict = Decide(Queued(attempts), FunctionError, new() { MaximumRetryAttempts = retries, LastModified = Accepted });
        verdict.ShouldBe(seconds < 0 ? EventVerdict.Ended("RetriesExhausted") : new(Accepted.AddSeconds(seconds), null));
    }

    [Fact]
    public void RetryThatWouldBeTooLate_EndsNow()
    {
        var settings = new AsyncSettings { MaximumEventAgeSeconds = 60, LastModified = Accepted };
        Decide(Queued(1), FunctionError, settings).ShouldBe(new(Accepted.AddSeconds(60), null));
        Decide(Queued(1), FunctionError, settings, now: Accepted.AddSeconds(1)).ShouldBe(EventVerdict.Ended("EventAgeExceeded"));
        Decide(Queued(0) with { Refusals = 20 }, Throttled, now: Accepted.AddHours(6)).ShouldBe(EventVerdict.Ended("EventAgeExceeded"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(9, 256)]
    [InlineData(10, 300)]
    [InlineData(500, 300)]
    public void WhatCouldNotRun_IsTriedAgainWithBackOff(int refusals, int seconds)
    {
        foreach (var kind in new[] { InvocationErrorKind.TooManyRequests, InvocationErrorKind.SandboxFailed, InvocationErrorKind.RuntimeMissing })
        {
            Decide(Queued(0) with { Refusals = refusals }, new(kind, "", "")).ShouldBe(new(Accepted.AddSeconds(seconds), null));
        }
    }

    [Fact]
    public void NoConcurrencyAtAll_EndsAtOnce() =>
        Decide(Queued(0) with { Refusals = 1 }, Throttled, reserved: 0).ShouldBe(EventVerdict.Ended("ZeroReservedConcurrency"));

    [Fact]
    public void QualifierThatIsGone_EndsAtOnce() =>
        Decide(Queued(0) with { Refusals = 1 }, new(InvocationErrorKind.FunctionNotFound, "", "")).ShouldBe(EventVerdict.Ended("Undeliverable"));

    [Fact]
    public void SettingsOfAnotherQualifier_DoNotCount()
    {
        var function = FunctionRegistryTests.Make("f").With("live", new() { Async = new() { MaximumRetryAttempts = 0, LastModified = Accepted } });
        RetryPolicy.Decide(Queued(1), FunctionError, function, Accepted).RetryAt.ShouldNotBeNull();
        RetryPolicy.Decide(Queued(1) with { Target = function.Key.Arn + ":live" }, FunctionError, function, Accepted).RetryAt.ShouldBeNull();
    }

    private static EventVerdict Decide(QueuedEvent queued, InvocationError? error, AsyncSettings? settings = null, int? reserved = null, DateTimeOffset? now = null)
    {
        var function = FunctionRegistryTests.Make("f").With(null, new() { Async = settings });
        function = function with { Latest = function.Latest with { Config = function.Latest.Config with { ReservedConcurrency = reserved } } };
        return RetryPolicy.Decide(queued, error, function, now ?? Accepted);
    }

    private static QueuedEvent Queued(int attempts) =>
        new() { Target = FunctionRegistryTests.Make("f").Key.Arn, RequestId = "r", TraceId = "t", Accepted = Accepted, Attempts = attempts };
}
