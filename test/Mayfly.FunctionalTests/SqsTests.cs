using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.SQS;
using Amazon.SQS.Model;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Queues on the real server, with SDKs that check what they get, and with requests that no SDK makes.</summary>
public sealed class SqsTests(SharedServer shared)
{
    private const string Version = "2012-11-05";

    /// <summary>The last SDK for JavaScript that sent forms, and one that sends JSON. Both check every digest.</summary>
    public static TheoryData<string> Sdks { get; } = new() { "3.435.0", "3.1169.0" };

    [Theory]
    [MemberData(nameof(Sdks))]
    public async Task AnSdkForJavaScript_FindsEveryDigestRight(string version)
    {
        var node = Machine.Need("node", "nodejs");
        var modules = await NpmPackage.NeedAsync("@aws-sdk/client-sqs", version, "package.json");
        var server = await shared.GetAsync();

        var outcome = await Tool.RunAsync(node, ["--no-warnings", ClientFixtures.At("queues.js"), server.Endpoint, version], environment: new Dictionary<string, string?> { ["NODE_PATH"] = Path.Combine(modules, "node_modules") });

        var seen = JsonNode.Parse(outcome.ShouldSucceed().Text)!;
        ((string?)seen["refused"]).ShouldBe(version == "3.435.0" ? "AWS.SimpleQueueService.NonExistentQueue" : "QueueDoesNotExist");
    }

    [Fact]
    public async Task TheSdkForDotNet_FindsEveryDigestRight_AndKnowsTheErrors()
    {
        var server = await shared.GetAsync();
        using var sqs = new AmazonSQSClient("test", "test", new AmazonSQSConfig { ServiceURL = server.Endpoint, AuthenticationRegion = "us-east-2", MaxErrorRetry = 0 });
        var url = (await sqs.CreateQueueAsync("dotnet")).QueueUrl;
        url.ShouldBe($"{server.Endpoint}/000000000000/dotnet");
        foreach (var body in new[] { "a\rb\r\nc", "ä€🐝", "<&>\"'" })
        {
            using var bytes = new MemoryStream([0, 13, 10, 255]);
            await sqs.SendMessageAsync(new SendMessageRequest(url, body)
            {
                MessageAttributes = new() { ["text"] = new() { DataType = "String", StringValue = body }, ["bytes"] = new() { DataType = "Binary", BinaryValue = bytes } },
                MessageSystemAttributes = new() { ["AWSTraceHeader"] = new() { DataType = "String", StringValue = "Root=1-5759e988-bd862e3fe1be46a994272793" } },
            });
            var message = (await sqs.ReceiveMessageAsync(new ReceiveMessageRequest(url) { WaitTimeSeconds = 5, MessageAttributeNames = ["All"], MessageSystemAttributeNames = ["All"] })).Messages.Single();
            message.Body.ShouldBe(body);
            message.MessageAttributes["text"].StringValue.ShouldBe(body);
            message.MessageAttributes["bytes"].BinaryValue.ToArray().ShouldBe([0, 13, 10, 255]);
            message.Attributes["AWSTraceHeader"].ShouldBe("Root=1-5759e988-bd862e3fe1be46a994272793");
            await sqs.DeleteMessageAsync(url, message.ReceiptHandle);
        }

        (await Should.ThrowAsync<ReceiptHandleIsInvalidException>(() => sqs.DeleteMessageAsync(url, "x"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Should.ThrowAsync<QueueDoesNotExistException>(() => sqs.SendMessageAsync($"{url}-none", "x"))).ErrorCode.ShouldBe("AWS.SimpleQueueService.NonExistentQueue");
        await sqs.DeleteQueueAsync(url);
    }

    [Fact]
    public async Task AFunction_SendsAndReceives_WithoutAnEndpoint_AndOthersFindTheMessages()
    {
        await Machine.NeedBoto3Async();
        using var project = new TemporaryFolder()
            .Write("serverless.yml", """
                service: mail
                provider: { name: aws, runtime: python3.11, timeout: 30 }
                functions:
                  sender: { name: sender, handler: app.handler }
                """)
            .Write("app.py", """
                import boto3

                def handler(event, context):
                    sqs = boto3.client('sqs')
                    url = sqs.create_queue(QueueName='mail')['QueueUrl']
                    sqs.send_message(QueueUrl=url, MessageBody='to myself')
                    message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)['Messages'][0]
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message['ReceiptHandle'])
                    sqs.send_message(QueueUrl=url, MessageBody='to others')
                    return {'url': url, 'body': message['Body']}
                """);
        await using var server = await MayflyServer.UpAsync(project.Path);

        var invoked = await server.InvokeAsync("sender");

        invoked.FunctionError.ShouldBeNull(invoked.Payload);
        ((string?)invoked.Json!["body"]).ShouldBe("to myself");
        using var sqs = new AmazonSQSClient("test", "test", new AmazonSQSConfig { ServiceURL = server.Endpoint, AuthenticationRegion = "us-east-1", MaxErrorRetry = 0 });
        (await sqs.ReceiveMessageAsync((string)invoked.Json["url"]!)).Messages.Single().Body.ShouldBe("to others");
        (await sqs.GetQueueUrlAsync("mail")).QueueUrl.ShouldBe($"{server.Endpoint}/000000000000/mail");
    }

    [Fact]
    public async Task WhoWaitsForMessages_IsAnsweredWhenTheServerStops()
    {
        using var project = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(project.Path);
        await CreateAsync(server, "idle");
        var waiting = JsonAsync(server, "ReceiveMessage", """{"QueueUrl":"idle","WaitTimeSeconds":20}""", "/");
        for (var others = 0; others < 50; others++)
        {
            await CreateAsync(server, "idle"); // By then the one that came first waits.
        }

        waiting.IsCompleted.ShouldBeFalse();

        server.Command.Signal("TERM");

        using var answer = await waiting;
        (await answer.Content.ReadAsStringAsync()).ShouldBe("{}");
    }

    [Fact]
    public async Task AForm_ComesToTheQueuesUrl_AndByGet_AndItsOddEncodingsAreRead()
    {
        var server = await shared.GetAsync();
        var url = await CreateAsync(server, "forms");
        var path = new Uri(url).AbsolutePath;

        (await FormAsync(server, path, "Action=SendMessage&MessageBody=%61%2b+b%0D%0a&Version=2012-11-05")).ShouldContain("<MD5OfMessageBody>");
        var received = await GetAsync(server, $"{path}?Action=ReceiveMessage&Version={Version}&WaitTimeSeconds=5&AttributeName=All");
        received.ShouldContain("<Body>a+ b&#xD;\n</Body>");
        received.ShouldContain("<Name>SenderId</Name>");

        // Without a version and a signature the operation tells the service.
        (await FormAsync(server, "/", $"Action=GetQueueUrl&QueueName=forms")).ShouldContain($"<QueueUrl>{url}</QueueUrl>");
        (await GetAsync(server, "/?Action=ListQueues&QueueNamePrefix=forms")).ShouldContain($"<ListQueuesResult><QueueUrl>{url}</QueueUrl></ListQueuesResult>");
        await FormAsync(server, path, $"Action=DeleteQueue&Version={Version}");
    }

    [Theory]
    [InlineData("Action=SendMessage&MessageBody=%", 404, "MalformedQueryString")]
    [InlineData("Action=SendMessage&MessageBody=%ff", 404, "MalformedQueryString")]
    [InlineData("MessageBody=x", 400, "MissingAction")]
    [InlineData("Action=Nothing", 400, "InvalidAction")]
    [InlineData("Action=SendMessage&MessageBody=x", 400, "MissingParameter")]
    [InlineData("Action=SendMessage&QueueUrl=http://elsewhere/000000000000/nobody&MessageBody=x", 400, "AWS.SimpleQueueService.NonExistentQueue")]
    [InlineData("Action=SendMessage&QueueUrl=..%2F..%2Fetc&MessageBody=x", 400, "AWS.SimpleQueueService.NonExistentQueue")]
    [InlineData("Action=ReceiveMessage&QueueUrl=bad&MaxNumberOfMessages=ten", 400, "MalformedInput")]
    [InlineData("Action=SendMessage&QueueUrl=bad&MessageBody=%00", 400, "InvalidMessageContents")]
    [InlineData("Action=SendMessage&QueueUrl=bad&MessageBody=%EF%BF%BF", 400, "InvalidMessageContents")]
    [InlineData("Action=SendMessage&QueueUrl=bad&MessageBody=x&MessageAttribute.1.Name=b&MessageAttribute.1.Value.DataType=Binary&MessageAttribute.1.Value.BinaryValue=!!", 400, "InvalidParameterValue")]
    [InlineData("Action=CreateQueue&QueueName=bad&Attribute.1.Value=5", 400, "MalformedInput")]
    public async Task ABadForm_GetsAnErrorOfTheService(string form, int status, string code)
    {
        var server = await shared.GetAsync();
        await CreateAsync(server, "bad");

        using var content = new StringContent($"{form}&Version={Version}", Encoding.ASCII, "application/x-www-form-urlencoded");
        using var answer = await server.Http.PostAsync("/", content);

        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status, text);
        text.ShouldContain($"<Error><Type>Sender</Type><Code>{code}</Code>");
        text.ShouldContain("xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/xml");
    }

    [Theory]
    [InlineData("""{"QueueUrl":"bad","MessageBody":5}""", "SerializationException")]
    [InlineData("""{"QueueUrl":"bad","MessageBody":"\ud800"}""", "SerializationException")]
    [InlineData("""{"QueueUrl":"bad","MessageBody":"\u0000"}""", "InvalidMessageContents")]
    [InlineData("""{"QueueUrl":"bad","MessageBody":"\uffff"}""", "InvalidMessageContents")]
    [InlineData("""{"QueueUrl":"bad","MessageBody":null}""", "MissingParameter")]
    [InlineData("""{"QueueUrl":"bad","MessageBody":"x","DelaySeconds":1e300}""", "InvalidParameterValue")]
    [InlineData("""{"QueueUrl":"bad","MessageBody":"x","MessageAttributes":{"\ud800":{"DataType":"String","StringValue":"x"}}}""", "SerializationException")]
    [InlineData("""{"QueueUrl":"bad","MessageBody":"x","MessageAttributes":{"a":{"DataType":"String","StringValue":"\udc00"}}}""", "SerializationException")]
    [InlineData("""{"QueueUrl":"bad","MessageBody":"x","MessageAttributes":{"a":null}}""", "ValidationException")]
    [InlineData("""{"QueueUrl":"bad","MessageBody":"x","MessageAttributes":{"a":{"DataType":"String","StringListValues":["x"]}}}""", "AWS.SimpleQueueService.UnsupportedOperation")]
    [InlineData("""{"QueueUrl":"bad","MessageBody":"x","MessageSystemAttributes":{"a":{"DataType":"String","StringValue":"x"}}}""", "InvalidParameterValue")]
    [InlineData("""{"QueueUrl":"","MessageBody":"x"}""", "MissingParameter")]
    [InlineData("""{"QueueUrl":"http://h/000000000000/","MessageBody":"x"}""", "AWS.SimpleQueueService.NonExistentQueue")]
    [InlineData("[]", "SerializationException")]
    [InlineData("{", "SerializationException")]
    public async Task ABadJsonRequest_GetsAnErrorOfTheService_WithItsOldName(string body, string code)
    {
        var server = await shared.GetAsync();
        await CreateAsync(server, "bad");

        using var answer = await JsonAsync(server, "SendMessage", body, "/000000000000/bad");

        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, text);
        answer.Headers.GetValues("x-amzn-query-error").Single().ShouldBe($"{code};Sender");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/x-amz-json-1.0");
        ((string?)JsonNode.Parse(text)!["__type"])!.ShouldContain('#');
    }

    [Fact]
    public async Task AMessageOf1MiB_IsTaken_HoweverItIsEscaped_AndOneByteMoreIsNot()
    {
        var server = await shared.GetAsync();
        await CreateAsync(server, "bad");
        const int most = 1024 * 1024;
        foreach (var (size, status) in new[] { (most, HttpStatusCode.OK), (most + 1, HttpStatusCode.BadRequest) })
        {
            using var json = await JsonAsync(server, "SendMessage", $$"""{"QueueUrl":"bad","MessageBody":"{{string.Concat(Enumerable.Repeat("\\u0078", size))}}"}""", "/");
            json.StatusCode.ShouldBe(status);
            using var content = new StringContent($"Action=SendMessage&Version={Version}&QueueUrl=bad&MessageBody={string.Concat(Enumerable.Repeat("%78", size))}", Encoding.ASCII, "application/x-www-form-urlencoded");
            using var form = await server.Http.PostAsync("/", content);
            form.StatusCode.ShouldBe(status);
        }

        using var huge = await JsonAsync(server, "SendMessage", $$"""{"QueueUrl":"bad","MessageBody":"{{new string('x', 9 * most)}}"}""", "/");
        huge.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task AnotherAccount_IsLetIn_ByThePolicyAlone()
    {
        var server = await shared.GetAsync();
        using var owner = new AmazonSQSClient("111111111111", "test", new AmazonSQSConfig { ServiceURL = server.Endpoint, AuthenticationRegion = "us-east-2", MaxErrorRetry = 0 });
        using var other = new AmazonSQSClient("222222222222", "test", new AmazonSQSConfig { ServiceURL = server.Endpoint, AuthenticationRegion = "us-east-2", MaxErrorRetry = 0 });
        var url = (await owner.CreateQueueAsync("shared")).QueueUrl;
        url.ShouldContain("/111111111111/");

        (await Should.ThrowAsync<AmazonSQSException>(() => other.SendMessageAsync(url, "x"))).ErrorCode.ShouldBe("AccessDenied");
        await owner.AddPermissionAsync(url, "two", ["222222222222"], ["SendMessage"]);
        await other.SendMessageBatchAsync(url, [new("a", "x")]);
        (await Should.ThrowAsync<AmazonSQSException>(() => other.ReceiveMessageAsync(url))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await owner.ReceiveMessageAsync(url)).Messages.Single().Body.ShouldBe("x");
        await owner.DeleteQueueAsync(url);
    }

    private static async Task<string> CreateAsync(MayflyServer server, string name)
    {
        using var answer = await JsonAsync(server, "CreateQueue", $$"""{"QueueName":"{{name}}"}""", "/");
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return (string)JsonNode.Parse(text)!["QueueUrl"]!;
    }

    private static async Task<HttpResponseMessage> JsonAsync(MayflyServer server, string operation, string body, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/x-amz-json-1.0") };
        request.Headers.Add("X-Amz-Target", $"AmazonSQS.{operation}");
        return await server.Http.SendAsync(request);
    }

    private static async Task<string> FormAsync(MayflyServer server, string path, string form)
    {
        using var content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        using var answer = await server.Http.PostAsync(path, content);
        return await ReadAsync(answer);
    }

    private static async Task<string> GetAsync(MayflyServer server, string path)
    {
        using var answer = await server.Http.GetAsync(path);
        return await ReadAsync(answer);
    }

    private static async Task<string> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return text;
    }
}
