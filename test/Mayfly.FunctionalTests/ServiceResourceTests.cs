using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Buckets, queues and topics of a manifest: made with the service, start its functions, and go with it.</summary>
public sealed class ServiceResourceTests
{
    private const string Manifest = """
        service: shop
        provider: { name: aws, runtime: python3.11 }
        functions:
          snippet: { name: snippet, handler: app.lambda_handler }
          uploads:
            name: uploads
            handler: app.seen
            events:
              - s3: { bucket: hello_world_bucket, rules: [{ prefix: hello }] }
          bridge:
            name: bridge
            handler: app.seen
            events:
              - eventBridge: { pattern: { source: [aws.s3], detail: { object: { key: [{ suffix: .txt }] } } } }
          messages:
            name: messages
            handler: app.seen
            environment: { QUEUE: !Ref Jobs, TOPIC: !Ref News }
            events:
              - sqs: { arn: !GetAtt Jobs.Arn, batchSize: 1 }
              - sns: { arn: !Ref News, filterPolicy: { kind: [wanted] } }
          sender: { name: sender, handler: app.send, environment: { QUEUE: !Ref Jobs, TOPIC: !Ref News } }
          failing: { name: failing, handler: app.fail, maximumRetryAttempts: 0, destinations: { onFailure: 'arn:aws:s3:::hello_world_bucket' }, onError: !GetAtt Dead.Arn }
        resources:
          Resources:
            Bucket: { Type: AWS::S3::Bucket, Properties: { BucketName: hello_world_bucket, NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } } }
            Jobs: { Type: AWS::SQS::Queue, Properties: { QueueName: jobs, RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 } } }
            Dead: { Type: AWS::SQS::Queue, Properties: { QueueName: dead } }
            News: { Type: AWS::SNS::Topic }
        """;

    // As in many a tutorial: no endpoint, no region, no credentials.
    private const string Code = """
        import boto3, json, os

        def lambda_handler(event, context):
            client = boto3.client('s3')
            response = client.put_object(
                Bucket='hello_world_bucket',
                Key='hello_world.txt',
                Body='Hello World!'
            )
            return response

        def seen(event, context):
            print('seen', json.dumps(event))

        def send(event, context):
            boto3.client('sqs').send_message(QueueUrl=os.environ['QUEUE'], MessageBody='by queue')
            for kind in 'other', 'wanted':
                boto3.client('sns').publish(TopicArn=os.environ['TOPIC'], Message=kind, MessageAttributes={'kind': {'DataType': 'String', 'StringValue': kind}})

        def fail(event, context):
            raise Exception('on purpose')
        """;

    [Fact]
    public async Task TheSnippet_StoresAnObject_WhichStartsFunctions()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);

        var made = await server.InvokeAsync("snippet");
        made.FunctionError.ShouldBeNull(made.Payload);
        ((string?)made.Json!["ETag"]).ShouldBe("\"ed076287532e86365e841e92bfc50d8c\"");
        var put = await Boto3Async(server, "s3.put_object(Bucket='hello_world_bucket', Key='other.txt', Body=b'not told of'); result = s3.get_object(Bucket='hello_world_bucket', Key='hello_world.txt')['Body'].read().decode()");
        put.ToJsonString().ShouldBe("\"Hello World!\"");

        await Until.TrueAsync(async () => (await SeenAsync(server, "bridge")).Count == 2, "both through the bus");
        var told = (await SeenAsync(server, "uploads")).ShouldHaveSingleItem()["Records"]![0]!;
        told["eventName"]!.GetValue<string>().ShouldBe("ObjectCreated:Put");
        told["s3"]!["bucket"]!["arn"]!.GetValue<string>().ShouldBe("arn:aws:s3:::hello_world_bucket");
        told["s3"]!["object"]!["key"]!.GetValue<string>().ShouldBe("hello_world.txt");
        told["s3"]!["object"]!["size"]!.GetValue<int>().ShouldBe(12);
        told["s3"]!["object"]!["eTag"]!.GetValue<string>().ShouldBe("ed076287532e86365e841e92bfc50d8c");
        (await SeenAsync(server, "bridge")).Select(static @event => (string?)@event["detail"]!["object"]!["key"]).Order(StringComparer.Ordinal).ShouldBe(["hello_world.txt", "other.txt"]);
    }

    [Fact]
    public async Task QueuesAndTopics_StartFunctions_AndTakeWhatFailed()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);

        var sent = await server.InvokeAsync("sender");
        sent.FunctionError.ShouldBeNull(sent.Payload);
        await Until.TrueAsync(async () => (await SeenAsync(server, "messages")).Count == 2, "a message and a notification");
        var seen = (await SeenAsync(server, "messages")).Select(static @event => @event["Records"]![0]!).ToList();
        seen.Select(static record => (string?)record["body"]).OfType<string>().ShouldBe(["by queue"]);
        seen.Select(static record => (string?)record["Sns"]?["Message"]).OfType<string>().ShouldBe(["wanted"]);

        var failed = await Boto3Async(server, """
            import json, time
            lam.invoke(FunctionName='failing', InvocationType='Event', Payload=b'{"n": 1}')
            url = sqs.get_queue_url(QueueName='dead')['QueueUrl']
            letter = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=['All'])['Messages'][0]
            until = time.monotonic() + 20
            while not (keys := [o['Key'] for o in s3.list_objects_v2(Bucket='hello_world_bucket', Prefix='aws/lambda/async/failing/').get('Contents', [])]) and time.monotonic() < until:
                time.sleep(.1)
            record = json.loads(s3.get_object(Bucket='hello_world_bucket', Key=keys[0])['Body'].read())
            result = [letter['Body'], {n: v['StringValue'] for n, v in letter['MessageAttributes'].items() if n != 'RequestID'}, record['requestPayload'], record['responsePayload']['errorMessage']]
            """);
        failed.ToJsonString().ShouldBe("""["{\u0022n\u0022: 1}",{"ErrorCode":"200","ErrorMessage":"on purpose"},{"n":1},"on purpose"]""");
    }

    [Fact]
    public async Task AService_TakesItsResourcesWithIt_AndSaysSo()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        const string There = "[[b['Name'] for b in s3.list_buckets()['Buckets']], sorted(u.split('/')[-1] for u in sqs.list_queues().get('QueueUrls', [])), len(sns.list_topics()['Topics']), len(lam.list_event_source_mappings()['EventSourceMappings'])]";
        (await Boto3Async(server, $"s3.put_object(Bucket='hello_world_bucket', Key='a', Body=b'a'); sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName='dead')['QueueUrl'], MessageBody='a'); result = {There}")).ToJsonString()
            .ShouldBe("""[["hello_world_bucket"],["dead","jobs"],1,1]""");

        var removed = (await server.RunAsync(["rm", "shop", "--yes"])).ShouldSucceed().Text;

        removed.ShouldContain("bucket hello_world_bucket (1 object)");
        removed.ShouldContain("queue dead (1 message)");
        removed.ShouldContain("topic shop-dev-News");
        (await Boto3Async(server, $"result = {There}")).ToJsonString().ShouldBe("[[],[],0,0]");
    }

    private static TemporaryFolder Project() => new TemporaryFolder().Write("serverless.yml", Manifest).Write("app.py", Code);

    private static Task<JsonNode> Boto3Async(MayflyServer server, string code) => Boto3.RunAsync(server, code, "s3", "sqs", "sns", "lambda");

    private static async Task<List<JsonNode>> SeenAsync(MayflyServer server, string function) =>
    [
        .. (await server.RunAsync(["logs", function])).Text.Split('\n')
            .Where(static line => line.Contains("seen {", StringComparison.Ordinal))
            .Select(static line => JsonNode.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..(line.LastIndexOf('}') + 1)])!),
    ];
}
