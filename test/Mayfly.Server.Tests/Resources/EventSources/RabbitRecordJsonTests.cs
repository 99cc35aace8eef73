using System.Text;
using Mayfly.Server.Resources.EventSources;
using RabbitMQ.Client;

namespace Mayfly.Server.Tests.Resources.EventSources;

public sealed class RabbitRecordJsonTests
{
    [Fact]
    public void Event_IsLambdasOwnExample()
    {
        var properties = new BasicProperties
        {
            ContentType = "text/plain",
            Headers = new Dictionary<string, object?> { ["header1"] = "value1"u8.ToArray(), ["numberInHeader"] = 10 },
            DeliveryMode = DeliveryModes.Transient,
            Priority = 34,
            Expiration = "60000",
            Timestamp = new(2021),
            UserId = "AIDACKCEVSQ6C2EXAMPLE",
        };
        const string arn = "arn:aws:mq:us-west-2:111122223333:broker:pizzaBroker:b-9bcfa592-423a-4942-879d-eb284b418fc8";
        var record = RabbitRecordJson.Write(properties, redelivered: false, """{"timeout":0,"data":"CZrmf0Gw8Ov4bqLQxD4E"}"""u8);
        var builder = new BatchBuilder(100, RabbitRecordJson.Head(arn, "pizzaQueue", "/"), RabbitRecordJson.Tail);
        builder.TryAdd(new("1", "1", record));

        // The documentation's example, but for its bodySize, which does not agree with its data.
        Encoding.UTF8.GetString(builder.Payload()).ShouldBe("""
            {"eventSource":"aws:rmq","eventSourceArn":"arn:aws:mq:us-west-2:111122223333:broker:pizzaBroker:b-9bcfa592-423a-4942-879d-eb284b418fc8","rmqMessagesByQueue":{"pizzaQueue::/":[{"basicProperties":{"contentType":"text/plain","contentEncoding":null,"headers":{"header1":{"bytes":[118,97,108,117,101,49]},"numberInHeader":10},"deliveryMode":1,"priority":34,"correlationId":null,"replyTo":null,"expiration":"60000","messageId":null,"timestamp":"Jan 1, 1970, 12:33:41 AM","type":null,"userId":"AIDACKCEVSQ6C2EXAMPLE","appId":null,"clusterId":null,"bodySize":43},"redelivered":false,"data":"eyJ0aW1lb3V0IjowLCJkYXRhIjoiQ1pybWYwR3c4T3Y0YnFMUXhENEUifQ=="}]}}
            """);
    }

    [Fact]
    public void WhatHeadersCanHold_IsShown()
    {
        var deep = new Dictionary<string, object?>();
        for (var i = 0; i < 1000; i++)
        {
            deep = new() { ["d"] = deep };
        }

        var properties = new BasicProperties
        {
            Headers = new Dictionary<string, object?>
            {
                ["none"] = null,
                ["yes"] = true,
                ["long"] = long.MinValue,
                ["byte"] = (byte)200,
                ["double"] = 1.5,
                ["not"] = double.NaN,
                ["when"] = new AmqpTimestamp(0),
                ["never"] = new AmqpTimestamp(long.MaxValue),
                ["list"] = new List<object?> { 1, "two"u8.ToArray(), null },
                ["table"] = new Dictionary<string, object?> { ["a"] = new Dictionary<string, object?> { ["b"] = 0.25m } },
                ["raw"] = new BinaryTableValue([255]),
            },
        };
        Headers(properties).ShouldBe("""
            {"none":null,"yes":true,"long":-9223372036854775808,"byte":200,"double":1.5,"not":null,"when":"Jan 1, 1970, 12:00:00 AM","never":null,"list":[1,{"bytes":[116,119,111]},null],"table":{"a":{"b":0.25}},"raw":{"bytes":[255]}}
            """);
        Headers(new() { Headers = deep }).Length.ShouldBeLessThan(400);
        Headers(new()).ShouldBe("null");
    }

    private static string Headers(BasicProperties properties)
    {
        using var record = System.Text.Json.JsonDocument.Parse(RabbitRecordJson.Write(properties, redelivered: true, []));
        record.RootElement.GetProperty("redelivered").GetBoolean().ShouldBeTrue();
        return record.RootElement.GetProperty("basicProperties").GetProperty("headers").GetRawText();
    }
}
