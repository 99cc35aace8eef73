using Mayfly.Server.Events;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Tests.Resources.Topics;

public sealed class HttpDeliveryPolicyTests
{
    [Fact]
    public void WithoutAny_ItIsAsSnsDoes()
    {
        var policy = HttpDeliveryPolicy.Of(Topic(null), Subscribed(null));
        policy.Retries.ShouldBe(HttpRetries.Default);
        policy.MaxReceivesPerSecond.ShouldBeNull();
        policy.ContentType.ToString().ShouldBe("text/plain; charset=UTF-8");
        HttpDeliveryPolicy.Effective(Topic(null)).ToJsonString().ShouldBe(
            """{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}""");
    }

    [Fact]
    public void TheSubscriptions_ComesBeforeTheTopics_UnlessThatForbidsIt()
    {
        const string topic = """{"http":{"defaultHealthyRetryPolicy":{"numRetries":1},"defaultThrottlePolicy":{"maxReceivesPerSecond":5}DISABLE}}""";
        const string own = """{"healthyRetryPolicy":{"numRetries":2,"minDelayTarget":1,"backoffFunction":"exponential"},"requestPolicy":{"headerContentType":"application/json"}}""";
        var policy = HttpDeliveryPolicy.Of(Topic(topic.Replace("DISABLE", "", StringComparison.Ordinal)), Subscribed(own));
        policy.Retries.ShouldBe(new() { Retries = 2, MinDelaySeconds = 1, MaxDelaySeconds = 20, Growth = BackOffFunction.Exponential });
        (policy.MaxReceivesPerSecond, policy.ContentType.MediaType).ShouldBe((5, "application/json"));

        policy = HttpDeliveryPolicy.Of(Topic(topic.Replace("DISABLE", ",\"disableSubscriptionOverrides\":true", StringComparison.Ordinal)), Subscribed(own));
        policy.Retries.Retries.ShouldBe(1);
        policy.ContentType.MediaType.ShouldBe("text/plain");
    }

    [Theory]
    [InlineData("""{"healthyRetryPolicy":{"numRetries":101}}""", "numRetries must be between 0 and 100")]
    [InlineData("""{"healthyRetryPolicy":{"minDelayTarget":0}}""", "must be between 1 and 3600")]
    [InlineData("""{"healthyRetryPolicy":{"minDelayTarget":21}}""", "maxDelayTarget must be greater than or equal to minDelayTarget")]
    [InlineData("""{"healthyRetryPolicy":{"numRetries":1,"numNoDelayRetries":2}}""", "sum of")]
    [InlineData("""{"healthyRetryPolicy":{"numRetries":100,"minDelayTarget":100,"maxDelayTarget":100}}""", "may not take longer than 3600 seconds")]
    [InlineData("""{"healthyRetryPolicy":{"backoffFunction":"none"}}""", "backoffFunction must be one of")]
    [InlineData("""{"healthyRetryPolicy":{"numRetries":"x"}}""", "failed to parse JSON")]
    [InlineData("""{"throttlePolicy":{"maxReceivesPerSecond":0}}""", "maxReceivesPerSecond")]
    [InlineData("""{"requestPolicy":{"headerContentType":"a\r\nX: y"}}""", "headerContentType")]
    [InlineData("""{"requestPolicy":{"headerContentType":"\ud800"}}""", "failed to parse JSON")]
    [InlineData("""{"a":1,"a":2}""", "failed to parse JSON")]
    [InlineData("[]", "failed to parse JSON")]
    [InlineData("no", "failed to parse JSON")]
    [InlineData("""{"healthyRetryPolicy":{"numRetries":100,"minDelayTarget":1,"maxDelayTarget":36}}""", null)]
    public void WhatIsNoPolicy_IsToldSo(string policy, string? fault)
    {
        var told = HttpDeliveryPolicy.Check(policy, ofTopic: false);
        if (fault is null)
        {
            told.ShouldBeNull();
        }
        else
        {
            told.ShouldNotBeNull().ShouldContain(fault);
        }
    }

    private static Topic Topic(string? policy) => new() { Key = new("000000000000", "us-east-1", "t"), Attributes = Attributes(policy) };

    private static Subscription Subscribed(string? policy) =>
        new() { Arn = "arn", Topic = new("000000000000", "us-east-1", "t"), Protocol = "http", Endpoint = "http://x", Owner = "000000000000", Attributes = Attributes(policy) };

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, string> Attributes(string? policy) =>
        policy is null ? TopicAttributes.None : TopicAttributes.None.Add(TopicAttributes.DeliveryPolicy, policy);
}
