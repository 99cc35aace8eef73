using System.Text.Json;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Tests.Resources.Buses;

public sealed class EventPatternTests
{
    private const string Event = """
        {
          "source": "shop", "detail-type": "Order", "account": "123456789012", "resources": ["arn:one", "arn:two"],
          "detail": {
            "state": "Running", "empty": "", "nothing": null, "count": 7, "price": 12.50, "large": 3.0e2, "yes": true, "ip": "10.0.1.7", "ip6": "2001:db8::9",
            "file": "dir/a.png", "tags": ["red", "Green"], "none": [], "deep": {"er": {"x": "y"}},
            "items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}]
          }
        }
        """;

    [Theory]
    [InlineData("""{"source": ["shop"]}""", true)]
    [InlineData("""{"source": ["other", "shop"], "detail-type": ["Order"]}""", true)]
    [InlineData("""{"source": ["shop"], "detail-type": ["Refund"]}""", false)]
    [InlineData("""{"Source": ["shop"]}""", false)]
    [InlineData("""{"resources": ["arn:two"]}""", true)]
    [InlineData("""{"detail": {"deep": {"er": {"x": ["y"]}}}}""", true)]
    [InlineData("""{"detail": {"deep": ["y"]}}""", false)]
    [InlineData("""{"detail": {"count": [7]}}""", true)]
    [InlineData("""{"detail": {"count": ["7"]}}""", false)]
    [InlineData("""{"detail": {"large": [300]}}""", true)]
    [InlineData("""{"detail": {"yes": [true]}}""", true)]
    [InlineData("""{"detail": {"yes": [false, null]}}""", false)]
    [InlineData("""{"detail": {"nothing": [null]}}""", true)]
    [InlineData("""{"detail": {"empty": [""]}}""", true)]
    [InlineData("""{"detail": {"missing": [null, ""]}}""", false)]
    [InlineData("""{"detail": {"state": [{"prefix": "Run"}]}}""", true)]
    [InlineData("""{"detail": {"state": [{"prefix": "run"}]}}""", false)]
    [InlineData("""{"detail": {"state": [{"prefix": {"equals-ignore-case": "run"}}]}}""", true)]
    [InlineData("""{"detail": {"file": [{"suffix": ".png"}]}}""", true)]
    [InlineData("""{"detail": {"file": [{"suffix": {"equals-ignore-case": ".PNG"}}]}}""", true)]
    [InlineData("""{"detail": {"file": [{"suffix": ".PNG"}]}}""", false)]
    [InlineData("""{"detail": {"state": [{"equals-ignore-case": "rUNNING"}]}}""", true)]
    [InlineData("""{"detail": {"state": [{"anything-but": "Stopped"}]}}""", true)]
    [InlineData("""{"detail": {"state": [{"anything-but": ["Stopped", "Running"]}]}}""", false)]
    [InlineData("""{"detail": {"count": [{"anything-but": [1, 2]}]}}""", true)]
    [InlineData("""{"detail": {"count": [{"anything-but": 7.0}]}}""", false)]
    [InlineData("""{"detail": {"missing": [{"anything-but": "x"}]}}""", false)]
    [InlineData("""{"detail": {"tags": [{"anything-but": "red"}]}}""", true)]
    [InlineData("""{"detail": {"state": [{"anything-but": {"prefix": "Run"}}]}}""", false)]
    [InlineData("""{"detail": {"state": [{"anything-but": {"suffix": ["x", "ning"]}}]}}""", false)]
    [InlineData("""{"detail": {"state": [{"anything-but": {"equals-ignore-case": ["running"]}}]}}""", false)]
    [InlineData("""{"detail": {"file": [{"anything-but": {"wildcard": "*/b.*"}}]}}""", true)]
    [InlineData("""{"detail": {"count": [{"numeric": [">", 0, "<=", 7]}]}}""", true)]
    [InlineData("""{"detail": {"count": [{"numeric": [">", 0, "<", 7]}]}}""", false)]
    [InlineData("""{"detail": {"price": [{"numeric": ["=", 12.5]}]}}""", true)]
    [InlineData("""{"detail": {"state": [{"numeric": [">", 0]}]}}""", false)]
    [InlineData("""{"detail": {"count": [{"exists": true}]}}""", true)]
    [InlineData("""{"detail": {"count": [{"exists": false}]}}""", false)]
    [InlineData("""{"detail": {"missing": [{"exists": false}]}}""", true)]
    [InlineData("""{"detail": {"missing": [{"exists": true}]}}""", false)]
    [InlineData("""{"detail": {"missing": {"below": [{"exists": false}]}}}""", true)]
    [InlineData("""{"detail": {"none": [{"exists": true}]}}""", false)]
    [InlineData("""{"detail": {"deep": [{"exists": true}]}}""", false)]
    [InlineData("""{"detail": {"missing": [{"exists": false}, "x"]}}""", true)]
    [InlineData("""{"detail": {"items": {"sku": ["a"], "gone": [{"exists": false}]}}}""", true)]
    [InlineData("""{"detail": {"items": {"n": [{"exists": false}]}}}""", false)]
    [InlineData("""{"detail": {"ip": [{"cidr": "10.0.0.0/16"}]}}""", true)]
    [InlineData("""{"detail": {"ip": [{"cidr": "10.1.0.0/16"}]}}""", false)]
    [InlineData("""{"detail": {"ip": [{"cidr": "10.0.1.7"}]}}""", true)]
    [InlineData("""{"detail": {"ip6": [{"cidr": "2001:db8::/32"}]}}""", true)]
    [InlineData("""{"detail": {"state": [{"cidr": "10.0.0.0/8"}]}}""", false)]
    [InlineData("""{"detail": {"file": [{"wildcard": "dir/*.png"}]}}""", true)]
    [InlineData("""{"detail": {"file": [{"wildcard": "*"}]}}""", true)]
    [InlineData("""{"detail": {"file": [{"wildcard": "d*r/*.p*g"}]}}""", true)]
    [InlineData("""{"detail": {"file": [{"wildcard": "dir/a.png*png"}]}}""", false)]
    [InlineData("""{"detail": {"file": [{"wildcard": "dir\\*"}]}}""", false)]
    [InlineData("""{"detail": {"tags": ["Green"]}}""", true)]
    [InlineData("""{"detail": {"items": {"sku": ["a"], "n": [1]}}}""", true)]
    [InlineData("""{"detail": {"items": {"sku": ["a"], "n": [2]}}}""", false)]
    [InlineData("""{"$or": [{"source": ["other"]}, {"detail": {"count": [{"numeric": ["<", 10]}]}}]}""", true)]
    [InlineData("""{"source": ["shop"], "detail": {"$or": [{"count": [8]}, {"state": ["Stopped"]}]}}""", false)]
    [InlineData("""{"source": ["other"], "$or": [{"account": ["123456789012"]}, {"account": ["1"]}]}""", false)]
    public void AnEvent_MatchesOrNot(string pattern, bool expected)
    {
        using var @event = JsonDocument.Parse(Event);
        var parsed = EventPattern.Parse(pattern);
        parsed.Matches(@event.RootElement).ShouldBe(expected);
        new EventPatternIndex<int>([(parsed, 1)]).Match(@event.RootElement).Count.ShouldBe(expected ? 1 : 0);
    }

    [Theory]
    [InlineData("[]", "Filter is not an object")]
    [InlineData("{}", "Filter is empty")]
    [InlineData("{", "Filter is not valid JSON")]
    [InlineData("""{"source": "shop"}""", "\"source\" must be an object or an array")]
    [InlineData("""{"detail": {"a": 1}}""", "\"detail.a\" must be an object or an array")]
    [InlineData("""{"detail": {}}""", "must not be empty")]
    [InlineData("""{"source": []}""", "empty arrays are not allowed")]
    [InlineData("""{"source": [["x"]]}""", "match value must be String, number, true, false, or null")]
    [InlineData("""{"source": [{"prefx": "x"}]}""", "Unrecognized match type prefx")]
    [InlineData("""{"source": [{"prefix": "x", "suffix": "y"}]}""", "Only one key allowed in match expression")]
    [InlineData("""{"source": [{"prefix": 1}]}""", "prefix match pattern must be a string")]
    [InlineData("""{"source": [{"exists": "true"}]}""", "exists match pattern must be either true or false.")]
    [InlineData("""{"a": [{"numeric": [">"]}]}""", "Value of numeric must be an array")]
    [InlineData("""{"a": [{"numeric": ["!", 1]}]}""", "Unrecognized numeric range operator: !")]
    [InlineData("""{"a": [{"numeric": [">", "1"]}]}""", "must contain a number")]
    [InlineData("""{"a": [{"numeric": [">", 6e9]}]}""", "Value must be between -5000000000 and 5000000000")]
    [InlineData("""{"a": [{"anything-but": [1, "x"]}]}""", "mixed type is not supported")]
    [InlineData("""{"a": [{"anything-but": {"numeric": [">", 1]}}]}""", "Unsupported anything-but pattern: numeric")]
    [InlineData("""{"a": [{"cidr": "10.0.0.0/40"}]}""", "Malformed CIDR")]
    [InlineData("""{"a": [{"wildcard": "a**b"}]}""", "Consecutive wildcard characters at pos 1")]
    [InlineData("""{"a": [{"wildcard": "a\\b"}]}""", "Invalid escape character at pos 1")]
    [InlineData("""{"a": ["x"], "a": ["y"]}""", "not valid JSON")]
    public void WhatIsNoPattern_IsRefusedWithTheReason(string pattern, string reason) =>
        Should.Throw<EventPatternException>(() => EventPattern.Parse(pattern)).Message.ShouldContain(reason);

    [Fact]
    public void ManyPatterns_AreFoundByTheFieldThatTheFewestShare_AndEachOnce()
    {
        var patterns = Enumerable.Range(0, 1000)
            .Select(i => (EventPattern.Parse($$"""{"source": ["shop"], "detail": {"id": ["{{i}}", "x{{i % 10}}"] } }"""), i))
            .Append((EventPattern.Parse("""{"source": [{"prefix": "sh"}]}"""), 1000))
            .Append((EventPattern.Parse("""{"source": ["other"]}"""), 1001))
            .ToArray();
        var index = new EventPatternIndex<int>(patterns);
        using var @event = JsonDocument.Parse("""{"source": "shop", "detail": {"id": ["7", "17", "x7"]}}""");

        index.Match(@event.RootElement).Order().ShouldBe([.. Enumerable.Range(0, 100).Select(i => (i * 10) + 7), 1000]);
    }
}
