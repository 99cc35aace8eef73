using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Tests.Functions;

namespace Mayfly.Server.Tests.Events;

public sealed class RetryLimitsTests
{
    private static readonly DateTimeOffset Accepted = DateTimeOffset.UnixEpoch;
    private static readonly TargetResult Failed = TargetResult.Failed("THROTTLING", "slow down");

    // The waits after the 1st, 2nd … attempt, in seconds: the shortest and the longest that chance gives.
    [Theory]
    [InlineData(null, new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 }, new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 })]
    [InlineData(BackOffProfile.Lambda, new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 }, new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 })]
    [InlineData(BackOffProfile.EventBridge, new[] { 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 }, new double[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600 })]
    [InlineData(BackOffProfile.Knative, new[] { 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4 }, new[] { 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4 })]
    public void FirstWaits_AreThoseOfTheTable(BackOffProfile? profile, Array shortest, Array longest)
    {
        for (var i = 0; i < shortest.Length; i++)
        {
            var queued = Queued(profile is { } p ? new() { BackOff = p } : null, i + 1);
            WaitOf(RetryPolicy.Decide(queued, Failed, Accepted, jitter: 0)).ShouldBe(Convert.ToDouble(shortest.GetValue(i)), 0.001);
            WaitOf(RetryPolicy.Decide(queued, Failed, Accepted, jitter: 1)).ShouldBe(Convert.ToDouble(longest.GetValue(i)), 0.001);
        }
    }

    [Theory]
    [InlineData(null, 1_000_000, 21_600)]
    [InlineData(BackOffProfile.EventBridge, 185, 86_400)]
    [InlineData(BackOffProfile.Knative, 10, int.MaxValue)]
    public void Limits_AreThoseOfTheTable(BackOffProfile? profile, int retries, int ageSeconds)
    {
        var policy = profile is { } p ? new DeliveryPolicy { BackOff = p } : null;
        RetryPolicy.Decide(Queued(policy, retries), Failed, Accepted, 0).RetryAt.ShouldNotBeNull();
        RetryPolicy.IsTooOld(Queued(policy, 0), null, Accepted.AddSeconds(ageSeconds)).ShouldBeFalse();
        if (profile is not null)
        {
            RetryPolicy.Decide(Queued(policy, retries + 1), Failed, Accepted, 0).ShouldBe(EventVerdict.Ended("RetriesExhausted"));
        }

        if (ageSeconds != int.MaxValue)
        {
            RetryPolicy.IsTooOld(Queued(policy, 0), null, Accepted.AddSeconds(ageSeconds + 1)).ShouldBeTrue();
            RetryPolicy.Decide(Queued(policy, 1), Failed, Accepted.AddSeconds(ageSeconds), 1).ShouldBe(EventVerdict.Ended("EventAgeExceeded"));
        }
    }

    [Fact]
    public void OwnLimits_TakeTheProfilesPlace()
    {
        var policy = new DeliveryPolicy { BackOff = BackOffProfile.EventBridge, MaximumRetryAttempts = 1, MaximumEventAgeSeconds = 60 };
        RetryPolicy.Decide(Queued(policy, 1), Failed, Accepted, 0).RetryAt.ShouldNotBeNull();
        RetryPolicy.Decide(Queued(policy, 2), Failed, Accepted, 0).ShouldBe(EventVerdict.Ended("RetriesExhausted"));
        RetryPolicy.Decide(Queued(policy, 1), Failed, Accepted.AddSeconds(60), 0).ShouldBe(EventVerdict.Ended("EventAgeExceeded"));
        RetryPolicy.Decide(Queued(policy with { MaximumRetryAttempts = 0 }, 1), Failed, Accepted, 0).ShouldBe(EventVerdict.Ended("RetriesExhausted"));
    }

    [Fact]
    public void TargetThatSaysWhen_IsNotTriedEarlier()
    {
        var policy = new DeliveryPolicy { BackOff = BackOffProfile.EventBridge };
        WaitOf(RetryPolicy.Decide(Queued(policy, 1), Failed with { NotBefore = Accepted.AddSeconds(40) }, Accepted, 0)).ShouldBe(40);
        WaitOf(RetryPolicy.Decide(Queued(policy, 9), Failed with { NotBefore = Accepted.AddSeconds(40) }, Accepted, 1)).ShouldBe(256);
    }

    [Fact]
    public void DeliveredAndRejected_End()
    {
        RetryPolicy.Decide(Queued(null, 1), TargetResult.Delivered, Accepted, 0).ShouldBe(EventVerdict.Ended("Success"));
        RetryPolicy.Decide(Queued(null, 1), TargetResult.Rejected("A", "b"), Accepted, 0).ShouldBe(EventVerdict.Ended("Undeliverable"));
    }

    // What EventBridge sends to a function is handed over: from there on it is Lambda that tries again. A broker of Knative waits for the answer.
    [Theory]
    [InlineData(BackOffProfile.EventBridge, 60)]
    [InlineData(BackOffProfile.Lambda, 60)]
    [InlineData(BackOffProfile.Knative, 0.2)]
    public void FunctionThatWasHandedAnEvent_IsTriedByItsOwnSettings(BackOffProfile profile, double seconds)
    {
        var function = FunctionRegistryTests.Make("f");
        var error = new InvocationError(InvocationErrorKind.Unhandled, "E", "");
        var queued = RetryPolicy.Count(Queued(new() { BackOff = profile }, 0), error);
        WaitOf(RetryPolicy.Decide(queued, error, function, Accepted)).ShouldBe(seconds);
        RetryPolicy.IsTooOld(queued, function, Accepted.AddHours(7)).ShouldBe(profile != BackOffProfile.Knative);
    }

    [Fact]
    public void BrokersEvent_CountsEveryFailureOfItsFunction()
    {
        var throttled = new InvocationError(InvocationErrorKind.TooManyRequests, "R", "");
        var policy = new DeliveryPolicy { BackOff = BackOffProfile.Knative, MaximumRetryAttempts = 1 };
        RetryPolicy.Count(Queued(policy, 1), throttled).Attempts.ShouldBe(2);
        RetryPolicy.Decide(Queued(policy, 2), throttled, FunctionRegistryTests.Make("f"), Accepted).ShouldBe(EventVerdict.Ended("RetriesExhausted"));
    }

    private static double WaitOf(EventVerdict verdict) => (verdict.RetryAt!.Value - Accepted).TotalSeconds;

    private static QueuedEvent Queued(DeliveryPolicy? policy, int attempts) => new()
    {
        Target = policy?.BackOff == BackOffProfile.Knative ? "http://broker" : "arn:aws:events:us-east-1:000000000000:event-bus/x",
        RequestId = "r",
        TraceId = "t",
        Accepted = Accepted,
        Policy = policy,
        Attempts = attempts,
    };
}
