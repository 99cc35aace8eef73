using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Queues that feed functions on the real server: the clients are boto3's, the functions run in sandboxes.</summary>
public sealed class EventSourceTests
{
    private const string Manifest = """
        service: sources
        provider: { name: aws, runtime: python3.11, timeout: 5 }
        functions:
          worker: { name: worker, handler: worker.handler }
          partial: { name: partial, handler: worker.partial }
          keeper: { name: keeper, handler: keeper.handler, timeout: 10 }
        """;

    private const string Worker = """
        import json, time

        def handler(event, context):
            bodies = [record['body'] for record in event['Records']]
            if 'poison' in bodies:
                raise ValueError('poison')
            began = time.time()
            time.sleep(0.05)
            print('seen', json.dumps({'bodies': bodies, 'began': began, 'ended': time.time(), 'groups': sorted({record['attributes'].get('MessageGroupId', '') for record in event['Records']})}))

        def partial(event, context):
            print('seen', json.dumps({'bodies': [record['body'] for record in event['Records']]}))
            failed = [record for record in event['Records'] if record['body'].startswith('bad') and record['attributes']['ApproximateReceiveCount'] == '1']
            return {'batchItemFailures': [{'itemIdentifier': record['messageId']} for record in failed]}
        """;

    // What it has done is on disk before it says so; a log may lose its last lines.
    private const string Keeper = """
        import boto3

        sqs = boto3.client('sqs')
        url = sqs.get_queue_url(QueueName='done')['QueueUrl']

        def handler(event, context):
            sent = sqs.send_message_batch(QueueUrl=url, Entries=[{'Id': str(i), 'MessageBody': record['body']} for i, record in enumerate(event['Records'])])
            assert not sent.get('Failed'), sent
        """;

    [Fact]
    public async Task FifoQueue_KeepsEachGroupsOrder_WhileOtherGroupsRun()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        await Boto3Async(server, """
            url = sqs.create_queue(QueueName='orders.fifo', Attributes={'FifoQueue': 'true', 'ContentBasedDeduplication': 'true'})['QueueUrl']
            for number in range(20):
                sent = sqs.send_message_batch(QueueUrl=url, Entries=[{'Id': str(group), 'MessageBody': f'{group}-{number}', 'MessageGroupId': f'g{group}'} for group in range(10)])
                assert len(sent['Successful']) == 10, sent
            lam.create_event_source_mapping(FunctionName='worker', EventSourceArn=ARN + 'orders.fifo', BatchSize=3)
            """);

        await Until.TrueAsync(async () => (await SeenAsync(server, "worker")).Sum(static batch => batch["bodies"]!.AsArray().Count) == 200, "all messages", 120);
        var batches = (await SeenAsync(server, "worker")).OrderBy(static batch => (double)batch["began"]!).ToList();
        batches.ShouldAllBe(static batch => batch["groups"]!.AsArray().Count == 1);
        for (var group = 0; group < 10; group++)
        {
            var own = batches.Where(batch => (string?)batch["groups"]![0] == $"g{group}").ToList();
            own.SelectMany(static batch => batch["bodies"]!.AsArray()).Select(static body => (string)body!).ShouldBe(Enumerable.Range(0, 20).Select(number => $"{group}-{number}"));
            own.Zip(own.Skip(1)).ShouldAllBe(static two => (double)two.First["ended"]! <= (double)two.Second["began"]!);
        }

        batches.Count(batch => batches.Any(other => other != batch && (double)other["began"]! < (double)batch["ended"]! && (double)batch["began"]! < (double)other["ended"]!)).ShouldBeGreaterThan(0, "groups run beside each other");
        await EmptyAsync(server, "orders.fifo");
    }

    [Fact]
    public async Task PoisonMessage_EndsInTheDeadLetterQueue_AndIsRedrivenOnceTheCodeIsMended()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        await Boto3Async(server, """
            sqs.create_queue(QueueName='dead')
            url = sqs.create_queue(QueueName='orders', Attributes={'VisibilityTimeout': '5', 'RedrivePolicy': json.dumps({'deadLetterTargetArn': ARN + 'dead', 'maxReceiveCount': 2})})['QueueUrl']
            lam.create_event_source_mapping(FunctionName='worker', EventSourceArn=ARN + 'orders', BatchSize=1)
            for body in 'one', 'poison', 'two':
                sqs.send_message(QueueUrl=url, MessageBody=body)
            """);
        await Until.TrueAsync(async () => await CountAsync(server, "dead") == "1", "the message to be put aside", 60);
        await EmptyAsync(server, "orders");
        (await BodiesAsync(server, "worker")).ShouldBe(["one", "two"], ignoreOrder: true);

        project.Write("worker.py", Worker.Replace("if 'poison' in bodies:", "if 'nothing' in bodies:", StringComparison.Ordinal));
        await Until.TrueAsync(async () => (await server.InvokeAsync("worker", """{"Records":[{"body":"poison","attributes":{}}]}""")).FunctionError is null, "the code to be mended", 60);
        await ModernSqsAsync(server, "StartMessageMoveTask", """{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead"}""");
        await Until.TrueAsync(async () => (await BodiesAsync(server, "worker")).Count(static body => body == "poison") == 2, "the message to be handled", 60);
        await EmptyAsync(server, "dead");
        await EmptyAsync(server, "orders");
        ((string?)(await ModernSqsAsync(server, "ListMessageMoveTasks", """{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead"}"""))["Results"]![0]!["Status"]).ShouldBe("COMPLETED");
    }

    [Fact]
    public async Task PartialFailures_ReturnOnlyWhatFailed_AndFiltersDeleteWhatDoesNotMatch()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        await Boto3Async(server, """
            url = sqs.create_queue(QueueName='orders', Attributes={'VisibilityTimeout': '5'})['QueueUrl']
            sqs.send_message_batch(QueueUrl=url, Entries=[{'Id': str(i), 'MessageBody': body} for i, body in enumerate(['good-1', 'bad-1', 'other', 'good-2', 'bad-2', '{"json": 1}'])])
            lam.create_event_source_mapping(FunctionName='partial', EventSourceArn=ARN + 'orders', FunctionResponseTypes=['ReportBatchItemFailures'],
                FilterCriteria={'Filters': [{'Pattern': json.dumps({'body': [{'prefix': 'good'}]})}, {'Pattern': json.dumps({'body': [{'prefix': 'bad'}]})}]})
            """);
        await EmptyAsync(server, "orders");
        var bodies = await BodiesAsync(server, "partial");
        bodies.Take(4).ShouldBe(["good-1", "bad-1", "good-2", "bad-2"], ignoreOrder: true);
        bodies.Skip(4).ShouldBe(["bad-1", "bad-2"], ignoreOrder: true);
    }

    [Fact]
    public async Task ServerKilledWhileItReads_LosesNothing()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        await Boto3Async(server, """
            sqs.create_queue(QueueName='done')
            sqs.create_queue(QueueName='orders', Attributes={'VisibilityTimeout': '10'})
            lam.create_event_source_mapping(FunctionName='keeper', EventSourceArn=ARN + 'orders')
            """);
        for (var round = 0; round < 3; round++)
        {
            await Boto3Async(server, $$"""
                url = sqs.get_queue_url(QueueName='orders')['QueueUrl']
                for i in range(10):
                    assert len(sqs.send_message_batch(QueueUrl=url, Entries=[{'Id': str(n), 'MessageBody': f'{{round}}-{i}-{n}'} for n in range(10)])['Successful']) == 10
                """);
            await server.KillServerAsync();
        }

        await EmptyAsync(server, "orders");
        var done = await Boto3Async(server, """
            url, result = sqs.get_queue_url(QueueName='done')['QueueUrl'], set()
            while len(result) < 300:
                found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get('Messages', [])
                if not found:
                    break
                result |= {message['Body'] for message in found}
            result = sorted(result)
            """);
        done.AsArray().Count.ShouldBe(300);
    }

    private static TemporaryFolder Project()
    {
        var project = new TemporaryFolder();
        project.Write("serverless.yml", Manifest).Write("worker.py", Worker).Write("keeper.py", Keeper);
        return project;
    }

    private static Task<JsonNode> Boto3Async(MayflyServer server, string script) => Boto3.RunAsync(server, $"ARN = 'arn:aws:sqs:us-east-1:000000000000:'\nresult = []\n{script.ReplaceLineEndings("\n")}", "sqs", "lambda");

    // Older SDKs do not know these operations.
    private static async Task<JsonNode> ModernSqsAsync(MayflyServer server, string operation, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new("application/x-amz-json-1.0");
        request.Headers.Add("X-Amz-Target", $"AmazonSQS.{operation}");
        using var answer = await server.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!;
    }

    private static async Task<string> CountAsync(MayflyServer server, string queue, string which = "")
    {
        var answer = await ModernSqsAsync(server, "GetQueueAttributes", $$"""{"QueueUrl":"{{server.Endpoint}}/000000000000/{{queue}}","AttributeNames":["All"]}""");
        return (string)answer["Attributes"]![$"ApproximateNumberOfMessages{which}"]!;
    }

    private static Task EmptyAsync(MayflyServer server, string queue) =>
        Until.TrueAsync(async () => await CountAsync(server, queue) == "0" && await CountAsync(server, queue, "NotVisible") == "0", $"{queue} to be empty", 120);

    private static async Task<List<string>> BodiesAsync(MayflyServer server, string function) =>
        [.. (await SeenAsync(server, function)).SelectMany(static batch => batch["bodies"]!.AsArray()).Select(static body => (string)body!)];

    private static async Task<List<JsonNode>> SeenAsync(MayflyServer server, string function)
    {
        var log = (await server.RunAsync(["logs", function])).Text;
        return [.. log.Split('\n')
            .Where(static line => line.Contains("seen {", StringComparison.Ordinal))
            .Select(static line => JsonNode.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..(line.LastIndexOf('}') + 1)])!)];
    }
}
