using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Topics on the real server: functions, an HTTP server and queues that are subscribed, through boto3 inside and outside of functions.</summary>
public sealed class SnsTests(SharedServer shared)
{
    private const string Version = "3.1169.0";

    private const string Manifest = """
        service: topics
        provider: { name: aws, runtime: python3.11, timeout: 30 }
        functions:
          teller: { name: teller, handler: app.teller }
          target: { name: target, handler: app.target }
          broken: { name: broken, handler: app.broken }
        """;

    // As in many a tutorial: no endpoint, no region, no credentials.
    private const string Functions = """
        import json
        import boto3

        def teller(event, context):
            client = boto3.client('sns')
            topic = client.create_topic(Name='hello_world_topic')['TopicArn']
            response = client.publish(TopicArn=topic, Message='Hello World!', Subject='greeting', MessageAttributes={'kind': {'DataType': 'String', 'StringValue': 'a'}})
            return response['MessageId']

        def target(event, context):
            print('seen', json.dumps(event))

        def broken(event, context):
            raise ValueError('no')
        """;

    [Fact]
    public async Task AFunctionThatIsSubscribed_GetsTheEvent_ThatAnotherOnePublished()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        var subscribed = await Boto3Async(server, """
            topic = sns.create_topic(Name='hello_world_topic')['TopicArn']
            function = 'arn:aws:lambda:us-east-1:000000000000:function:target'
            result = [sns.subscribe(TopicArn=topic, Protocol='lambda', Endpoint=function, Attributes={'FilterPolicy': json.dumps({'kind': [{'anything-but': ['b']}]})})['SubscriptionArn']]
            sns.publish(TopicArn=topic, Message='not wanted', MessageAttributes={'kind': {'DataType': 'String', 'StringValue': 'b'}})
            """);

        var published = await server.InvokeAsync("teller");
        published.FunctionError.ShouldBeNull(published.Payload);
        await Until.TrueAsync(async () => (await SeenAsync(server)).Count == 1, "the event");
        var record = (await SeenAsync(server)).Single()["Records"]!.AsArray().Single()!;
        record.AsObject().Select(static member => member.Key).ShouldBe(["EventSource", "EventVersion", "EventSubscriptionArn", "Sns"]);
        ((string?)record["EventSubscriptionArn"]).ShouldBe((string?)subscribed[0]);
        var sns = record["Sns"]!;
        sns.AsObject().Select(static member => member.Key).ShouldBe(["Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertUrl", "UnsubscribeUrl", "MessageAttributes"]);
        ((string?)sns["MessageId"], (string?)sns["Message"], (string?)sns["Subject"]).ShouldBe(((string?)published.Json, "Hello World!", "greeting"));
        sns["MessageAttributes"]!.ToJsonString().ShouldBe("""{"kind":{"Type":"String","Value":"a"}}""");
    }

    [Fact]
    public async Task AnHttpServer_IsAsked_Told_TriedAgain_AndItsDeadLetterKept()
    {
        await Machine.NeedBoto3Async();
        await using var receiver = new HttpReceiver();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path, clock: "2026-03-29T00:30:20Z");
        await Boto3Async(server, $$"""
            topic = sns.create_topic(Name='hooks')['TopicArn']
            queue = sqs.create_queue(QueueName='letters')['QueueUrl']
            sns.subscribe(TopicArn=topic, Protocol='http', Endpoint='{{receiver.Url}}hook', Attributes={'RedrivePolicy': json.dumps({'deadLetterTargetArn': 'arn:aws:sqs:us-east-1:000000000000:letters'})})
            sns.publish(TopicArn=topic, Message='too early')
            result = None
            """);

        // Whoever is asked follows the link in the question.
        await Until.TrueAsync(() => receiver.Requests.Count == 1, "the question");
        var asked = JsonNode.Parse(receiver.Requests.Single().Body)!;
        (await VerifiedAsync(server, asked, "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")).ShouldBeTrue();
        (await server.Http.GetStringAsync((string)asked["SubscribeURL"]!)).ShouldContain("<SubscriptionArn>arn:aws:sns:us-east-1:000000000000:hooks:");

        await Boto3Async(server, "result = sns.publish(TopicArn='arn:aws:sns:us-east-1:000000000000:hooks', Message='hällo\\nthere', Subject='greeting')['MessageId']");
        await Until.TrueAsync(() => receiver.Requests.Count == 2, "the notification");
        var told = receiver.Requests.Last();
        (await VerifiedAsync(server, JsonNode.Parse(told.Body)!, "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")).ShouldBeTrue();
        (told.Headers["x-amz-sns-message-type"], told.Headers["x-amz-sns-topic-arn"]).ShouldBe(("Notification", "arn:aws:sns:us-east-1:000000000000:hooks"));

        // Three times more, 20 seconds apart, and then it is a dead letter.
        receiver.Status = 500;
        await Boto3Async(server, "result = sns.publish(TopicArn='arn:aws:sns:us-east-1:000000000000:hooks', Message='lost')['MessageId']");
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await Until.TrueAsync(() => receiver.Requests.Count == 2 + attempt, $"attempt {attempt}");
            await Until.TrueAsync(async () => (await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting")).Contains($"\"attempts\":{attempt}", StringComparison.Ordinal), "the wait");
            using var moved = await server.Http.PostAsync("/_mayfly/api/clock", JsonContent.Create(new JsonObject { ["by"] = "PT20S" }));
            ((int)moved.StatusCode).ShouldBe(200);
        }

        await Until.TrueAsync(async () => await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting") == "[]", "the letter");
        receiver.Requests.Count.ShouldBe(6);
        var letter = await Boto3Async(server, "result = sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName='letters')['QueueUrl'], MessageAttributeNames=['All'], WaitTimeSeconds=5)['Messages'][0]");
        ((string?)JsonNode.Parse((string)letter["Body"]!)!["Message"]).ShouldBe("lost");
        ((string?)letter["MessageAttributes"]!["ErrorCode"]!["StringValue"]).ShouldBe("500");
    }

    [Fact]
    public async Task DeadLettersOfFunctions_AndEventsOfBuses_GoToTopics()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        await Boto3Async(server, """
            topic = sns.create_topic(Name='told')['TopicArn']
            queue = sqs.create_queue(QueueName='told')['QueueUrl']
            sns.subscribe(TopicArn=topic, Protocol='sqs', Endpoint='arn:aws:sqs:us-east-1:000000000000:told', Attributes={'RawMessageDelivery': 'true'})
            own = boto3.client('lambda', **where)
            own.put_function_event_invoke_config(FunctionName='broken', MaximumRetryAttempts=0)
            own.update_function_configuration(FunctionName='broken', DeadLetterConfig={'TargetArn': topic})
            own.invoke(FunctionName='broken', InvocationType='Event', Payload='{"n": 1}')
            events = boto3.client('events', **where)
            events.put_rule(Name='all', EventPattern='{"source": ["shop"]}')
            events.put_targets(Rule='all', Targets=[{'Id': '1', 'Arn': topic, 'InputPath': '$.detail'}])
            events.put_events(Entries=[{'Source': 'shop', 'DetailType': 'd', 'Detail': '{"n": 2}'}])
            result = None
            """);
        var messages = (await Boto3Async(server, """
            url, result = sqs.get_queue_url(QueueName='told')['QueueUrl'], []
            while len(result) < 2:
                for message in sqs.receive_message(QueueUrl=url, MessageAttributeNames=['All'], WaitTimeSeconds=20)['Messages']:
                    result.append([message['Body'], sorted(message.get('MessageAttributes', {}))])
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message['ReceiptHandle'])
            result.sort()
            """)).ToJsonString();
        messages.ShouldBe("""[["{\u0022n\u0022: 1}",["ErrorCode","ErrorMessage","RequestID"]],["{\u0022n\u0022: 2}",[]]]""");
    }

    [Fact]
    public async Task AServerThatIsKilled_HasAllThatWasAcknowledged_TellsAllOrNobody_AndKeepsTheOrder()
    {
        const int kills = 4, publishers = 3, between = 40;
        await Machine.NeedBoto3Async();
        await using var receiver = new HttpReceiver();
        using var project = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(project.Path);
        await Boto3Async(server, $$"""
            fifo = {'FifoTopic': 'true'}
            topic, ordered = sns.create_topic(Name='t')['TopicArn'], sns.create_topic(Name='t.fifo', Attributes=fifo)['TopicArn']
            sqs.create_queue(QueueName='q'), sqs.create_queue(QueueName='q.fifo', Attributes={'FifoQueue': 'true'})
            raw = {'RawMessageDelivery': 'true'}
            sns.subscribe(TopicArn=topic, Protocol='sqs', Endpoint='arn:aws:sqs:us-east-1:000000000000:q', Attributes=raw)
            sns.subscribe(TopicArn=ordered, Protocol='sqs', Endpoint='arn:aws:sqs:us-east-1:000000000000:q.fifo', Attributes=raw)
            sns.subscribe(TopicArn=topic, Protocol='http', Endpoint='{{receiver.Url}}', Attributes=raw)
            result = None
            """);
        await Until.TrueAsync(() => receiver.Requests.Count == 1, "the question");
        await server.Http.GetStringAsync((string)JsonNode.Parse(receiver.Requests.Single().Body)!["SubscribeURL"]!);
        receiver.Requests.Clear();

        var acknowledged = new ConcurrentBag<string>();
        var counts = new int[publishers];
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, publishers).Select(async publisher =>
        {
            while (!stop.IsCancellationRequested)
            {
                var id = Guid.NewGuid().ToString();
                if (await PublishAsync(server, "t", id))
                {
                    acknowledged.Add(id);
                }

                // Here an answer that is lost is asked for again, under the same id.
                var number = $"{counts[publisher]++}";
                while (!await PublishAsync(server, "t.fifo", number, $"{publisher}", $"{publisher}-{number}"))
                {
                    await Task.Delay(20, CancellationToken.None);
                }
            }
        }).ToArray();
        for (var kill = 0; kill < kills; kill++)
        {
            var before = acknowledged.Count;
            await Until.TrueAsync(() => acknowledged.Count > before + between, "load", 60);
            await server.KillServerAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        await Until.TrueAsync(async () => await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting") == "[]", "every event to be done", 120);

        var queued = (await TakeAllAsync(server, "q")).ConvertAll(static message => message.Body);
        acknowledged.Except(queued, StringComparer.Ordinal).ShouldBeEmpty();
        queued.Distinct(StringComparer.Ordinal).Count().ShouldBe(queued.Count);
        receiver.Requests.Select(static request => request.Body).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(queued.Order(StringComparer.Ordinal));
        foreach (var group in (await TakeAllAsync(server, "q.fifo")).GroupBy(static message => message.Group))
        {
            group.Select(static message => message.Body).ShouldBe(Enumerable.Range(0, counts[int.Parse(group.Key, CultureInfo.InvariantCulture)]).Select(static number => $"{number}"));
        }
    }

    [Fact]
    public async Task AnotherAccount_Publishes_WhenThePolicyAllowsIt()
    {
        await Machine.NeedBoto3Async();
        var server = await shared.GetAsync();
        var answer = await Boto3Async(server, """
            topic = sns.create_topic(Name='policed')['TopicArn']
            other = boto3.client('sns', **{**where, 'aws_access_key_id': '111111111111'})
            def attempt():
                try:
                    return len(other.publish(TopicArn=topic, Message='x')['MessageId'])
                except other.exceptions.AuthorizationErrorException as e:
                    return e.response['ResponseMetadata']['HTTPStatusCode']
            result = [attempt()]
            sns.add_permission(TopicArn=topic, Label='one', AWSAccountId=['111111111111'], ActionName=['Publish'])
            result.append(attempt())
            sns.remove_permission(TopicArn=topic, Label='one')
            result.append(attempt())
            """);
        answer.ToJsonString().ShouldBe("[403,36,403]");
    }

    [Fact]
    public async Task AnSdkForJavaScript_IsServed()
    {
        var node = Machine.Need("node", "nodejs");
        var modules = await NpmPackage.NeedAsync("@aws-sdk/client-sns", Version, "package.json");
        var server = await shared.GetAsync();
        var outcome = await Tool.RunAsync(node, ["--no-warnings", ClientFixtures.At("topics.js"), server.Endpoint], environment: new Dictionary<string, string?> { ["NODE_PATH"] = Path.Combine(modules, "node_modules") });
        outcome.ShouldSucceed().Json.ToJsonString().ShouldBe("""{"id":36,"refused":"NotFoundException","status":404}""");
    }

    private static TemporaryFolder Project() => new TemporaryFolder().Write("serverless.yml", Manifest).Write("app.py", Functions);

    private static async Task<bool> PublishAsync(MayflyServer server, string topic, string message, string? group = null, string? id = null)
    {
        var form = new Dictionary<string, string> { ["Action"] = "Publish", ["Version"] = "2010-03-31", ["TopicArn"] = $"arn:aws:sns:us-east-1:000000000000:{topic}", ["Message"] = message };
        if (group is not null)
        {
            (form["MessageGroupId"], form["MessageDeduplicationId"]) = (group, id!);
        }

        try
        {
            using var content = new FormUrlEncodedContent(form);
            using var answer = await server.Http.PostAsync("/", content);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<List<(string Body, string Group)>> TakeAllAsync(MayflyServer server, string queue) =>
        [.. (await Boto3Async(server, $"""
            url, result = sqs.get_queue_url(QueueName='{queue}')['QueueUrl'], []
            while True:
                messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=['All']).get('Messages')
                if not messages:
                    break
                result += [[message['Body'], message['Attributes'].get('MessageGroupId', '')] for message in messages]
                sqs.delete_message_batch(QueueUrl=url, Entries=[dict(Id=str(i), ReceiptHandle=message['ReceiptHandle']) for i, message in enumerate(messages)])
            """)).AsArray().Select(static message => ((string)message![0]!, (string)message[1]!))];

    private static Task<JsonNode> Boto3Async(MayflyServer server, string code) => Boto3.RunAsync(server, code, "sns", "sqs");

    // As a subscriber checks it: with the certificate that the message names.
    private static async Task<bool> VerifiedAsync(MayflyServer server, JsonNode message, params string[] fields)
    {
        using var certificate = X509Certificate2.CreateFromPem(await server.Http.GetStringAsync((string)message["SigningCertURL"]!));
        using var rsa = certificate.GetRSAPublicKey()!;
        var signed = string.Concat(fields.Select(field => $"{field}\n{(string)message[field]!}\n"));
        return rsa.VerifyData(Encoding.UTF8.GetBytes(signed), Convert.FromBase64String((string)message["Signature"]!), HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
    }

    private static async Task<List<JsonNode>> SeenAsync(MayflyServer server)
    {
        var log = (await server.RunAsync(["logs", "target"])).Text;
        return [.. log.Split('\n')
            .Where(static line => line.Contains("seen {", StringComparison.Ordinal))
            .Select(static line => JsonNode.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..(line.LastIndexOf('}') + 1)])!)];
    }
}
