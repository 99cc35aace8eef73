using System.Net;
using System.Net.Sockets;
using System.Text;
using Mayfly.Server.Tests.Functions;

namespace Mayfly.Server.Tests.Dialects.Aws.Lambda;

/// <summary>The Lambda door on the wire, where a well-behaved client does not go.</summary>
public sealed class LambdaDoorHttpTests
{
    private const string Invocations = "/2015-03-31/functions/f/invocations";

    [Theory]
    [InlineData("/")]
    [InlineData("/2015-03-31/")]
    [InlineData("/2015-03-31/buckets")]
    [InlineData("/2015-03-31functions/f")]
    [InlineData("/_mayfly/api/functions")]
    [InlineData("/a015-03-31/functions")]
    public async Task OtherPaths_AreNotThisDoors(string path)
    {
        await using var server = await LambdaServer.StartAsync();
        (await server.Http.GetAsync(path)).StatusCode.ShouldBe((HttpStatusCode)418);
    }

    [Fact]
    public async Task UnknownOperation_IsNamed()
    {
        await using var server = await LambdaServer.StartAsync();
        var answer = await server.Http.PatchAsync("/2015-03-31/functions/f", null);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answer.Headers.GetValues("x-amzn-ErrorType").ShouldBe(["UnknownOperationException"]);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("PATCH");
    }

    [Fact]
    public async Task Errors_HaveTheMembersOfTheServiceModel()
    {
        await using var server = await LambdaServer.StartAsync();
        var answer = await server.Http.GetAsync("/2015-03-31/functions/f");
        answer.Headers.GetValues("x-amzn-ErrorType").ShouldBe(["ResourceNotFoundException"]);
        answer.Headers.GetValues("x-amzn-RequestId").Single().Length.ShouldBe(36);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await answer.Content.ReadAsStringAsync()).ShouldBe("""{"Type":"User","Message":"Function not found: arn:aws:lambda:us-east-1:000000000000:function:f"}""");
    }

    [Theory]
    [InlineData("{", "SerializationException")]
    [InlineData("[]", "SerializationException")]
    [InlineData("""{"FunctionName":7}""", "SerializationException")]
    [InlineData("""{"FunctionName":"f","Role":"arn:aws:iam::000000000000:role/r","Code":{"ZipFile":"%%"}}""", "SerializationException")]
    [InlineData("", "ValidationException")]
    [InlineData("null", "ValidationException")]
    [InlineData("{}", "ValidationException")]
    public async Task MalformedCreate_IsRefused(string body, string error)
    {
        await using var server = await LambdaServer.StartAsync();
        var answer = await server.Http.PostAsync("/2015-03-31/functions", new StringContent(body));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Headers.GetValues("x-amzn-ErrorType").ShouldBe([error]);
    }

    [Theory]
    [InlineData("POST", "/2025-12-01/durable-executions/x/checkpoint", "CheckpointDurableExecution")]
    [InlineData("GET", "/2025-11-30/capacity-providers", "ListCapacityProviders")]
    public async Task WhatIsNotServed_IsNamed(string method, string path, string operation)
    {
        await using var server = await LambdaServer.StartAsync();
        var answer = await server.Http.SendAsync(new(new(method), path));
        answer.StatusCode.ShouldBe(HttpStatusCode.NotImplemented);
        answer.Headers.GetValues("x-amzn-ErrorType").ShouldBe(["NotImplementedException"]);
        (await answer.Content.ReadAsStringAsync()).ShouldBe($$"""{"Type":"Service","message":"The Lambda operation {{operation}} is not supported by this server yet."}""");
    }

    [Theory]
    [InlineData("GET", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A000000000000%3Afunction%3Af", 404, "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')")]
    [InlineData("POST", "/2015-03-31/functions/arn:aws:lambda:eu-west-1:000000000000:function:f/invocations", 404, "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')")]
    [InlineData("DELETE", "/2015-03-31/functions/123456789012:function:f", 403, "is not authorized to perform: lambda:DeleteFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:f")]
    [InlineData("PUT", "/2015-03-31/functions//code", 400, "Value '' at 'functionName' failed to satisfy constraint: Member must have length greater than or equal to 1; ")]
    [InlineData("POST", "/2015-03-31/functions//invocations", 400, "Value '' at 'functionName' failed to satisfy constraint: Member must have length greater than or equal to 1; ")]
    [InlineData("GET", "/2017-03-31/tags/f", 400, "Value 'f' at 'resource' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:")]
    public async Task FunctionsOutOfReach_AreRefusedByEveryOperation(string method, string path, int status, string says)
    {
        await using var server = await LambdaServer.StartAsync();
        var answer = await server.Http.SendAsync(new(new(method), path));
        ((int)answer.StatusCode).ShouldBe(status);
        (await answer.Content.ReadAsStringAsync()).ShouldContain(says);
    }

    [Fact]
    public async Task ABodyWithoutCode_IsBoundedToAMebibyte()
    {
        await using var server = await LambdaServer.StartAsync();
        var answer = await server.Http.PutAsync("/2015-03-31/functions/f/configuration", new StringContent(new string(' ', 1024 * 1024 + 1)));
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("Request must be smaller than 1048576 bytes for the UpdateFunctionConfiguration operation");
        answer = await server.Http.PutAsync("/2015-03-31/functions/f/configuration", new StringContent("{\"Description\":\"" + new string(' ', 1024 * 1024 - 18) + "\"}"));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task CreateBodyOverTheLimit_IsRefusedByItsLength()
    {
        await using var server = await LambdaServer.StartAsync();
        var answer = await RawAsync(server, "POST /2015-03-31/functions HTTP/1.1\r\nHost: x\r\nContent-Length: 70167212\r\n\r\n{", "", 0);
        answer.ShouldStartWith("HTTP/1.1 413");
        answer.ShouldContain("Request must be smaller than 70167211 bytes for the CreateFunction operation");
    }

    [Fact]
    public async Task PayloadThatNeverEnds_IsRefusedOnceItIsTooLarge()
    {
        await using var server = await LambdaServer.StartAsync();
        var chunk = "10000\r\n" + new string('1', 65536) + "\r\n";
        var answer = await RawAsync(server, $"POST {Invocations} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", chunk, 100);
        answer.ShouldStartWith("HTTP/1.1 413");
        answer.ShouldContain("RequestTooLargeException");
    }

    [Fact]
    public async Task ChunkedPayload_IsReadWhole()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Registry.ChangeAsync(FunctionRegistryTests.Make("f").Key, _ => FunctionRegistryTests.Make("f"), default);
        var request = new HttpRequestMessage(HttpMethod.Post, Invocations) { Content = new StreamContent(new MemoryStream(Encoding.ASCII.GetBytes("\"" + new string('x', 1_000_000) + "\""))) };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Add("X-Amz-Invocation-Type", "DryRun");
        var answer = await server.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        answer.Headers.GetValues("X-Amz-Executed-Version").ShouldBe(["$LATEST"]);
    }

    /// <summary>Sends a head, then one piece of body again and again until the server answers.</summary>
    private static async Task<string> RawAsync(LambdaServer server, string head, string piece, int most)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        var buffer = new byte[8192];
        var answer = stream.ReadAsync(buffer).AsTask();
        for (var i = 0; i < most && !answer.IsCompleted; i++)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(piece));
        }

        var text = Encoding.UTF8.GetString(buffer, 0, await answer);
        return text.Contains('{') ? text : text + Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer));
    }
}
