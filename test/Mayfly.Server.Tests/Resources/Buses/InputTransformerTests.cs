using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Tests.Resources.Buses;

public sealed class InputTransformerTests
{
    private const string Arn = "arn:aws:events:us-east-1:000000000000:rule/orders/new-ones";
    private const string Event = """{"id":"1","detail-type":"Order","resources":["r0","r1"],"detail":{"text":"say \"hi\" é","n":5,"on":true,"list":["a",1],"a key":{"x":"y"}}}""";

    private static readonly Dictionary<string, string> Paths = new(StringComparer.Ordinal)
    {
        ["text"] = "$.detail.text",
        ["n"] = "$.detail.n",
        ["on"] = "$.detail.on",
        ["list"] = "$.detail.list",
        ["key"] = "$.detail['a key']",
        ["second"] = "$.resources[1]",
        ["none"] = "$.detail.none.at.all",
        ["all"] = "$",
        ["type"] = "$.detail-type",
    };

    [Theory]
    [InlineData("""{"a": <text>, "b": "<text>"}""", """{"a": "say \"hi\" é", "b": "say \"hi\" é"}""")]
    [InlineData("""{"n": <n>, "text": "n is <n>", "on": <on>}""", """{"n": 5, "text": "n is 5", "on": true}""")]
    [InlineData("""{"list": <list>, "text": "<list>"}""", """{"list": ["a",1], "text": "[\"a\",1]"}""")]
    [InlineData("""{"x": <key>, "second": "<second>"}""", """{"x": {"x":"y"}, "second": "r1"}""")]
    [InlineData("""{"none": <none>, "text": "[<none>]"}""", """{"none": "", "text": "[]"}""")]
    [InlineData("\"<type> of <n>\"", "\"Order of 5\"")]
    [InlineData("""{"a\"<n>": "\\", "b": <n>}""", """{"a\"5": "\\", "b": 5}""")]
    [InlineData("<all>", Event)]
    [InlineData("<aws.events.event.json>", Event)]
    [InlineData("<aws.events.event>", """{"id":"1","detail-type":"Order","resources":["r0","r1"]}""")]
    [InlineData("""["<aws.events.rule-name>", <aws.events.rule-arn>, <aws.events.event.ingestion-time>]""", """["new-ones", "arn:aws:events:us-east-1:000000000000:rule/orders/new-ones", "2026-03-29T02:30:00Z"]""")]
    public void ATemplate_IsFilledWithPartsOfTheEvent(string template, string expected)
    {
        using var @event = JsonDocument.Parse(Event);
        var filled = InputTransformer.Parse(Paths, template).Apply(@event.RootElement, Arn, new(2026, 3, 29, 2, 30, 0, TimeSpan.Zero));
        Encoding.UTF8.GetString(filled).ShouldBe(expected);
    }

    [Theory]
    [InlineData("x", "detail.x", "<x>", "the path 'detail.x' of 'x' cannot be read")]
    [InlineData("x", "$.a[*]", "<x>", "cannot be read")]
    [InlineData("AWS.x", "$.a", "1", "is reserved")]
    [InlineData("x", "$.a", "<y>", "the template names <y>, which InputPathsMap does not have")]
    [InlineData("x", "$.a", "hello <x>", "the template is not JSON")]
    [InlineData("x", "$.a", "{\"a\": <x>", "the template is not JSON")]
    public void WhatIsNoTransformer_IsRefusedWithTheReason(string name, string path, string template, string reason) =>
        Should.Throw<FormatException>(() => InputTransformer.Parse(new Dictionary<string, string>(StringComparer.Ordinal) { [name] = path }, template)).Message.ShouldContain(reason);

    [Fact]
    public void ParametersOfARequest_MayBePartsOfTheEvent()
    {
        var target = new RuleTarget
        {
            Id = "1",
            Arn = "arn",
            Document = "{}",
            HttpParameters = """{"PathParameterValues":["$.detail.id","fixed","$"],"HeaderParameters":{"X-N":"$.detail.n","X-None":"$.detail.none","X-Cost":"$5"}}""",
        };

        var parameters = JsonNode.Parse(target.ParametersOf(JsonDocument.Parse("""{"detail":{"id":"a\"b","n":7}}""").RootElement)!)!;

        parameters["PathParameterValues"]!.AsArray().Select(static value => (string)value!).ShouldBe(["a\"b", "fixed", """{"detail":{"id":"a\"b","n":7}}"""]);
        parameters["HeaderParameters"]!.ToJsonString().ShouldBe("""{"X-N":"7","X-None":"","X-Cost":"$5"}""");
        (target with { HttpParameters = null }).ParametersOf(default).ShouldBeNull();
    }
}
