using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Tests.Functions;

namespace Mayfly.Server.Tests.Events;

public sealed class EventEndTests
{
    private const string Bus = "arn:aws:events:us-east-1:000000000000:event-bus/x";
    private const string Queue = "arn:aws:sqs:us-east-1:000000000000:q";

    [Fact]
    public void BusAsDestination_GetsTheRecordAndItsNames()
    {
        var end = End(Function("f", new() { OnSuccess = Bus, OnFailure = Queue, LastModified = default }), new("Success"));
        end.Event.Reason.ShouldBeNull();
        var told = end.Forwards.ShouldHaveSingleItem();
        told.Target.ShouldBe(Bus);
        told.Parameters.ShouldBe("""{"Source":"lambda","DetailType":"Lambda Function Invocation Result - Success","Resources":["arn:aws:events:us-east-1:000000000000:event-bus/x","arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST"]}""");
        ((string?)JsonNode.Parse(told.Payload.Span)!["requestContext"]!["condition"]).ShouldBe("Success");
    }

    [Fact]
    public void FailureWithDestinationAndDeadLetter_IsToldToBoth()
    {
        var end = End(Function("f", new() { OnFailure = Bus, LastModified = default }, Bus), Failure());
        end.Event.Reason.ShouldBeNull();
        end.Forwards.Length.ShouldBe(2);
        end.Forwards[0].Parameters!.ShouldContain("Result - Failure");
        var letter = end.Forwards[1];
        letter.Parameters.ShouldBeNull();
        Encoding.UTF8.GetString(letter.Payload.Span).ShouldBe("[1]");
        letter.Attributes!.Select(static entry => $"{entry.Key}={entry.Value}").ShouldBe(["ErrorCode=200", "ErrorMessage=it broke", "RequestID=r"]);
    }

    [Fact]
    public void WhatCannotBeReached_KeepsTheEvent_EvenWhenOthersAreTold()
    {
        var end = End(Function("f", new() { OnFailure = Bus, LastModified = default }, Queue), Failure());
        end.Forwards.Length.ShouldBe(1);
        end.Event.Reason.ShouldBe($"Boom: it broke Its dead-letter target {Queue} cannot be reached from here.");
    }

    [Fact]
    public void PoliciesDeadLetter_GetsTheEvent_WhenItCouldNotBeHandedOver()
    {
        var policy = new DeliveryPolicy { BackOff = BackOffProfile.EventBridge, DeadLetterArn = Bus };
        var missing = EventEnd.Of(Queued() with { Policy = policy, Attempts = 0 }, new("Undeliverable", null, "ResourceNotFoundException", "Function not found"), FunctionSnapshot.Empty, Serves, default);
        missing.Event.Reason.ShouldBeNull();
        missing.Forwards.ShouldHaveSingleItem().Attributes!["ERROR_CODE"].ShouldBe("ResourceNotFoundException");
        End(Function("f", null), Failure(), policy).Forwards.ShouldBeEmpty();
        End(Function("f", null), Failure(), policy with { BackOff = BackOffProfile.Knative }).Forwards.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("RetriesExhausted", "MaximumRetryAttempts")]
    [InlineData("EventAgeExceeded", "MaximumEventAgeInSeconds")]
    [InlineData("Undeliverable", null)]
    public void DeadLetterOfATarget_SaysWhy(string condition, string? exhausted)
    {
        var policy = new DeliveryPolicy { BackOff = BackOffProfile.EventBridge, DeadLetterArn = Bus };
        var queued = Queued() with { Target = "arn:aws:logs:us-east-1:000000000000:log-group:g", Policy = policy, Attempts = 4, Attributes = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("RULE_ARN", "rule") };
        var attributes = EventEnd.Of(queued, new(condition, null, "THROTTLING", new string('é', 1000)), FunctionSnapshot.Empty, Serves, default).Forwards.ShouldHaveSingleItem().Attributes!;
        attributes["RULE_ARN"].ShouldBe("rule");
        attributes["TARGET_ARN"].ShouldBe(queued.Target);
        attributes["ERROR_CODE"].ShouldBe("THROTTLING");
        attributes["ERROR_MESSAGE"].Length.ShouldBe(512);
        attributes["RETRY_ATTEMPTS"].ShouldBe("3");
        attributes.GetValueOrDefault("EXHAUSTED_RETRY_CONDITION").ShouldBe(exhausted);
    }

    private static bool Serves(string arn) => arn == Bus;

    private static QueuedEvent Queued() =>
        new() { Target = FunctionRegistryTests.Make("f").Key.Arn, RequestId = "r", TraceId = "t", Accepted = default, Attempts = 3, Payload = "[1]"u8.ToArray() };

    private static AttemptEnd Failure() => AttemptEnd.Of("RetriesExhausted", new InvocationResult { RequestId = "r", Error = new(InvocationErrorKind.Unhandled, "Boom", "it broke") });

    private static EventEnd End(Function function, AttemptEnd end, DeliveryPolicy? policy = null) =>
        EventEnd.Of(Queued() with { Policy = policy }, end, FunctionSnapshot.Empty.With(function), Serves, default);

    private static Function Function(string name, AsyncSettings? settings, string? deadLetter = null)
    {
        var function = FunctionRegistryTests.Make(name);
        function = function.With(null, function.For(null) with { Async = settings });
        return function with { Latest = function.Latest with { Config = function.Latest.Config with { DeadLetterArn = deadLetter } } };
    }
}
