using System.Collections.Frozen;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Dialects.Aws.Query;

namespace Mayfly.Server.Tests.Dialects.Aws.Query;

/// <summary>The door alone, with services that say what they got.</summary>
public sealed class QueryDoorTests : IAsyncLifetime
{
    private const string Form = "application/x-www-form-urlencoded; charset=utf-8";

    private static readonly ServerSettings Settings = new() { StoreFolder = "/", ShimsFolder = "/", InterpretersFile = "/" };

    private DoorsHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        var sqs = Service("SQS", "AmazonSQS", static () => ServiceModel.Sqs, new() { ["ListQueues"] = call => Answer("QueueUrls", $"{call.Scope.Region}/{call.IsQuery}/{call.Text("QueueNamePrefix")}"), ["AddPermission"] = static _ => throw new InvalidOperationException() });
        var sns = Service("SNS", "sns", static () => ServiceModel.Sns, new() { ["ListTopics"] = static call => Task.FromResult<JsonObject?>(new() { ["NextToken"] = call.Scope.Account }), ["DeleteTopic"] = static _ => Task.FromResult<JsonObject?>(null) });
        _host = await DoorsHost.StartAsync(new Door("query", DoorKind.Control, new QueryDoor([sqs, sns], Settings)), new Door("json", DoorKind.Control, new JsonDoor([sqs], Settings)));
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("Action=ListQueues&QueueNamePrefix=a%2Bb&Version=2012-11-05", "<QueueUrl>us-east-1/True/a+b</QueueUrl>")]
    [InlineData("Action=ListTopics&Version=2010-03-31", "<NextToken>000000000000</NextToken>")]
    [InlineData("Action=ListTopics", "<NextToken>000000000000</NextToken>")]
    [InlineData("Action=ListQueues", "<QueueUrl>us-east-1/True/</QueueUrl>")]
    public async Task TheVersion_ElseTheOperation_TellsTheService(string form, string expected)
    {
        (await SendAsync("POST", "/", form)).Text.ShouldContain(expected);
        (await SendAsync("GET", $"/?{form}", null)).Text.ShouldContain(expected);
    }

    [Theory]
    [InlineData("sqs", "sqs")]
    [InlineData("sns", "sns")]
    public async Task TheSignature_TellsTheService_WhereNoVersionDoes(string scope, string service)
    {
        // Both have this operation, in other words.
        var (status, text) = await SendAsync("POST", "/", "Action=AddPermission", ("Authorization", $"AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/{scope}/aws4_request, SignedHeaders=host, Signature=00"));
        text.ShouldContain(service == "sqs" ? "InternalError" : "http://sns.amazonaws.com/doc/2010-03-31/");
        status.ShouldBe(service == "sqs" ? HttpStatusCode.InternalServerError : HttpStatusCode.NotImplemented);
    }

    [Theory]
    [InlineData("/000000000000/q", "sqs", true)]
    [InlineData("/000000000000/q.fifo/", "sqs", true)]
    [InlineData("/000000000000/q", "s3", false)]
    [InlineData("/bucket/key", "sqs", false)]
    [InlineData("/000000000000/a/b", "sqs", false)]
    public async Task OnlyPathsOfQueues_AreItsOwn_AndNotThoseOfObjects(string path, string scope, bool isOwn)
    {
        var (_, text) = await SendAsync("POST", path, "Action=ListQueues", ("Authorization", $"AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/{scope}/aws4_request, SignedHeaders=host, Signature=00"));
        text.Contains("<QueueUrl>eu-west-1/", StringComparison.Ordinal).ShouldBe(isOwn, text);
    }

    [Fact]
    public async Task WhatIsNoForm_IsNotItsOwn()
    {
        using var json = await _host.SendAsync("POST", "/", new StringContent("{}", Encoding.UTF8, "application/json"));
        json.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var page = await _host.SendAsync("GET", "/");
        page.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task AnOperationThatIsNotServed_SaysSo_AndWhatIsOutOfBoundsToo()
    {
        var (status, text) = await SendAsync("POST", "/", "Action=OptInPhoneNumber&Version=2010-03-31");
        (status, text.Contains("<Type>Receiver</Type><Code>NotImplementedException</Code>", StringComparison.Ordinal)).ShouldBe((HttpStatusCode.NotImplemented, true), text);
        (status, text) = await SendAsync("POST", "/", "Action=DeleteTopic&Version=2010-03-31");
        status.ShouldBe(HttpStatusCode.BadRequest);
        text.ShouldContain("<Code>ValidationError</Code><Message>1 validation error detected: Value null at 'topicArn' failed to satisfy constraint: Member must not be null</Message>");
        (status, text) = await SendAsync("POST", "/", "Action=DeleteTopic&Version=2010-03-31&TopicArn=t");
        status.ShouldBe(HttpStatusCode.OK);
        text.ShouldMatch("^<\\?xml [^>]+><DeleteTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><ResponseMetadata><RequestId>[0-9a-f-]{36}</RequestId></ResponseMetadata></DeleteTopicResponse>$");
    }

    [Fact]
    public async Task ALargeForm_IsRefused()
    {
        var (status, text) = await SendAsync("POST", "/", $"Action=ListQueues&QueueNamePrefix={new string('x', 4 * 1024 * 1024)}");
        (status, text.Contains("RequestEntityTooLarge", StringComparison.Ordinal)).ShouldBe((HttpStatusCode.RequestEntityTooLarge, true));
    }

    [Fact]
    public async Task TheSameService_AnswersJson_OnAnyPath()
    {
        using var answer = await _host.SendAsync("POST", "/000000000000/q", new StringContent("""{"QueueNamePrefix":"p"}""", Encoding.UTF8, "application/x-amz-json-1.0"), ("X-Amz-Target", "AmazonSQS.ListQueues"));
        (await answer.Content.ReadAsStringAsync()).ShouldBe("""{"QueueUrls":["us-east-1/False/p"]}""");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/x-amz-json-1.0");
    }

    private static JsonService Service(string name, string target, Func<ServiceModel> model, Dictionary<string, Func<JsonCall, Task<JsonObject?>>> served) =>
        new(name, target, model, served.ToFrozenDictionary(StringComparer.Ordinal)) { ContentType = "application/x-amz-json-1.0", HasPaths = true };

    private static Task<JsonObject?> Answer(string member, string text) => Task.FromResult<JsonObject?>(new() { [member] = new JsonArray(text) });

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(string method, string path, string? form, params (string Name, string Value)[] headers)
    {
        using var content = form is null ? null : new StringContent(form, Encoding.UTF8);
        content?.Headers.Remove("Content-Type");
        content?.Headers.TryAddWithoutValidation("Content-Type", Form);
        using var answer = await _host.SendAsync(method, path, content, headers);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
