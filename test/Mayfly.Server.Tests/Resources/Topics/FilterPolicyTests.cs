using System.Collections.Immutable;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Tests.Resources.Topics;

public sealed class FilterPolicyTests
{
    [Theory]
    [InlineData("""{"shop":["a","b"]}""", "shop:String=a", true)]
    [InlineData("""{"shop":["a","b"]}""", "shop:String=c", false)]
    [InlineData("""{"shop":["a"]}""", "", false)]
    [InlineData("""{"shop":["a"],"kind":["x"]}""", "shop:String=a", false)]
    [InlineData("""{"shop":["a"],"kind":["x"]}""", "shop:String=a|kind:String=x", true)]
    [InlineData("""{"price":[{"numeric":[">=",10,"<",20]}]}""", "price:Number=10", true)]
    [InlineData("""{"price":[{"numeric":[">=",10,"<",20]}]}""", "price:Number=20", false)]
    [InlineData("""{"price":[{"numeric":["=",1e1]}]}""", "price:Number=10.00", true)]
    [InlineData("""{"price":[10]}""", "price:Number=1e1", true)]
    [InlineData("""{"price":[10]}""", "price:String=10", false)]
    [InlineData("""{"price":["10"]}""", "price:Number=10", false)]
    [InlineData("""{"price":[{"anything-but":[10]}]}""", "price:Number=11", true)]
    [InlineData("""{"price":[{"anything-but":[10]}]}""", "price:Number=10", false)]
    [InlineData("""{"shop":[{"anything-but":{"prefix":"a"}}]}""", "shop:String=abc", false)]
    [InlineData("""{"shop":[{"prefix":"a"},{"suffix":"z"}]}""", "shop:String=xyz", true)]
    [InlineData("""{"shop":[{"equals-ignore-case":"ABC"}]}""", "shop:String=abc", true)]
    [InlineData("""{"shop":[{"wildcard":"a*c"}]}""", "shop:String=abc", true)]
    [InlineData("""{"ip":[{"cidr":"10.0.0.0/24"}]}""", "ip:String=10.0.0.7", true)]
    [InlineData("""{"shop":[{"exists":true}]}""", "shop:String=a", true)]
    [InlineData("""{"shop":[{"exists":true}]}""", "shop:Binary=YQ==", false)]
    [InlineData("""{"shop":[{"exists":false}]}""", "kind:String=a", true)]
    [InlineData("""{"tags":["b"]}""", "tags:String.Array=[\"a\",\"b\"]", true)]
    [InlineData("""{"tags":[2]}""", "tags:String.Array=[1,2,null,true]", true)]
    [InlineData("""{"tags":[null]}""", "tags:String.Array=[1,2,null,true]", true)]
    [InlineData("""{"tags":["c"]}""", "tags:String.Array=[\"a\",\"b\"]", false)]
    [InlineData("""{"tags":["[1"]}""", "tags:String.Array=[1", true)]
    [InlineData("""{"tags":["a"]}""", """tags:String.Array=["\ud800"]""", false)]
    [InlineData("""{"$or":[{"shop":["a"]},{"kind":["x"]}]}""", "kind:String=x", true)]
    [InlineData("""{"$or":[{"shop":["a"]},{"kind":["x"]}]}""", "kind:String=y", false)]
    public void Attributes_AreMatched(string policy, string attributes, bool wanted) =>
        FilterPolicy.Parse(policy, ofBody: false).Matches(Message("{}", attributes), Subscription.Sqs).ShouldBe(wanted);

    [Theory]
    [InlineData("""{"shop":["a"]}""", """{"shop":"a"}""", true)]
    [InlineData("""{"order":{"price":[{"numeric":[">",10]}]}}""", """{"order":{"price":11}}""", true)]
    [InlineData("""{"order":{"price":[{"numeric":[">",10]}]}}""", """{"order":{"price":9}}""", false)]
    [InlineData("""{"orders":{"price":[5]}}""", """{"orders":[{"price":4},{"price":5}]}""", true)]
    [InlineData("""{"tags":["b"]}""", """{"tags":["a","b"]}""", true)]
    [InlineData("""{"shop":[{"exists":false}]}""", "[]", false)]
    [InlineData("""{"shop":[{"exists":false}]}""", "\"text\"", false)]
    [InlineData("""{"shop":[{"exists":false}]}""", "no json", false)]
    [InlineData("""{"shop":[{"exists":false}]}""", "{}", true)]
    public void Body_IsMatched(string policy, string body, bool wanted) =>
        FilterPolicy.Parse(policy, ofBody: true).Matches(Message(body, ""), Subscription.Sqs).ShouldBe(wanted);

    [Fact]
    public void Body_IsThatOfTheProtocol()
    {
        var message = Message("{}", "") with { Texts = TopicAttributes.None.Add("lambda", """{"a":1}""") };
        var policy = FilterPolicy.Parse("""{"a":[1]}""", ofBody: true);
        policy.Matches(message, Subscription.Lambda).ShouldBeTrue();
        policy.Matches(message, Subscription.Sqs).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"a":{"b":["c"]}}""", "Filter policy scope MessageAttributes does not support nested filter policy")]
    [InlineData("""{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}""", "FilterPolicy: Filter policy can not have more than 5 keys")]
    [InlineData("""{"a":[]}""", "FilterPolicy: Empty arrays are not allowed")]
    [InlineData("""{"a":"b"}""", "FilterPolicy: \"a\" must be an object or an array")]
    [InlineData("""{"a":[["b"]]}""", "FilterPolicy: Match value must be String, number, true, false, or null")]
    [InlineData("""{"a":[{"like":"b"}]}""", "FilterPolicy: Unrecognized match type like")]
    [InlineData("""{"a":[{"exists":"x"}]}""", "FilterPolicy: exists match pattern must be either true or false.")]
    [InlineData("""["a"]""", "FilterPolicy: Filter is not an object")]
    [InlineData("no json", "FilterPolicy: failed to parse JSON.")]
    [InlineData("""{"a":["\ud800"]}""", "FilterPolicy: failed to parse JSON.")]
    [InlineData("""{"a":[{"\ud800":1}]}""", "FilterPolicy: failed to parse JSON.")]
    [InlineData("""{"a":["b"],"a":["c"]}""", "FilterPolicy: failed to parse JSON.")]
    public void WhatIsNoPolicy_IsToldSo(string policy, string message) =>
        Should.Throw<FilterPolicyException>(() => FilterPolicy.Parse(policy, ofBody: false)).Message.ShouldBe(message);

    [Fact]
    public void Combinations_AreLimited_AndCountMoreTheDeeperTheyLie()
    {
        Parse(List(10), List(15));
        Should.Throw<FilterPolicyException>(() => Parse(List(10), List(16))).Message.ShouldBe("FilterPolicy: Filter policy is too complex");

        // As the documentation counts: 3 x 4 values, three and two levels deep, are 72.
        FilterPolicy.Parse("""{"key_a":{"key_b":{"key_c":["1","2","3","4"]}},"key_d":{"key_e":["1","2","3"]}}""", ofBody: true);
        Should.Throw<FilterPolicyException>(() => FilterPolicy.Parse("""{"a":{"b":{"c":LIST}}}""".Replace("LIST", List(51), StringComparison.Ordinal), ofBody: true)).Message.ShouldBe("FilterPolicy: Filter policy is too complex");
        Should.Throw<FilterPolicyException>(() => FilterPolicy.Parse($$"""{"a":["{{new string('x', 256 * 1024)}}"]}""", ofBody: true)).Message.ShouldContain("256 KB");
        FilterPolicy.Parse($$"""{"a":["{{new string('x', 100 * 1024)}}"]}""", ofBody: true);
    }

    private static void Parse(string a, string b) => FilterPolicy.Parse($$"""{"a":{{a}},"b":{{b}}}""", ofBody: false);

    private static string List(int count) => $"[{string.Join(',', Enumerable.Range(0, count).Select(static number => $"\"{number}\""))}]";

    private static TopicMessage Message(string text, string attributes) => new()
    {
        Id = "id",
        Text = text,
        Attributes = attributes.Split('|', StringSplitOptions.RemoveEmptyEntries).ToImmutableSortedDictionary(
            static attribute => attribute.Split(':')[0],
            static attribute => new TopicMessageAttribute(attribute.Split(':', 2)[1].Split('=')[0], attribute.Split('=', 2)[1]),
            StringComparer.Ordinal),
    };
}
