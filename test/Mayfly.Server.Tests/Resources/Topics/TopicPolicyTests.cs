using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Tests.Resources.Topics;

public sealed class TopicPolicyTests
{
    private const string Other = "111111111111";

    private static readonly Topic Bare = new() { Key = new("000000000000", "us-east-1", "t") };

    [Fact]
    public void TheOwner_MayDoEverything_AndNobodyElse()
    {
        TopicPolicy.Allows(Bare, "000000000000", "DeleteTopic").ShouldBeTrue();
        TopicPolicy.Allows(Bare, Other, "Publish").ShouldBeFalse();
        TopicPolicy.Of(Bare).ShouldContain("AWS:SourceOwner");
    }

    [Fact]
    public void AStatement_LetsAnotherAccountIn_AlsoWithBatches()
    {
        var topic = With(TopicPolicy.With(Bare, "one", [Other], ["Publish"])!);
        TopicPolicy.Allows(topic, Other, "Publish").ShouldBeTrue();
        TopicPolicy.Allows(topic, Other, "PublishBatch").ShouldBeTrue();
        TopicPolicy.Allows(topic, Other, "Subscribe").ShouldBeFalse();
        TopicPolicy.Allows(topic, "222222222222", "Publish").ShouldBeFalse();
        TopicPolicy.With(topic, "one", [Other], ["Publish"]).ShouldBeNull();
        TopicPolicy.Allows(With(TopicPolicy.Without(topic, "one")), Other, "Publish").ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":{"AWS":["111111111111"]},"Action":["sns:publish"]}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"SNS:*","Condition":{"StringEquals":{"aws:SourceOwner":"111111111111"}}}""", false)]
    [InlineData("""[{"Effect":"Allow","Principal":"*","Action":"SNS:*"},{"Effect":"Deny","Principal":"*","Action":"SNS:Publish"}]""", false)]
    public void Statements_AreRead(string statements, bool allowed) => TopicPolicy.Allows(With($$"""{"Statement":{{statements}}}"""), Other, "Publish").ShouldBe(allowed);

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"Statement":[]}""", true)]
    [InlineData("""{"Statement":[5]}""", false)]
    [InlineData("""{"Statement":[{"Sid":"\ud800"}]}""", false)]
    [InlineData("""{"Statement":[{"Sid":"a","Sid":"b"}]}""", false)]
    [InlineData("[]", false)]
    [InlineData("no", false)]
    public void WhatIsNoPolicy_IsNotTaken(string text, bool isPolicy) => TopicPolicy.IsPolicy(text).ShouldBe(isPolicy);

    private static Topic With(string policy) => Bare with { Attributes = TopicAttributes.None.Add(TopicAttributes.Policy, policy) };
}
