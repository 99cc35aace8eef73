using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;
using Mayfly.Server.Tests.Resources.EventSources;
using RabbitMQ.Client;

namespace Mayfly.FunctionalTests;

/// <summary>A real broker that feeds a function on the real server.</summary>
public sealed class RabbitTests
{
    private const string Manifest = """
        service: rabbits
        provider: { name: aws, runtime: python3.11, timeout: 5 }
        functions:
          worker: { name: worker, handler: worker.handler }
        """;

    private const string Worker = """
        import base64, json

        def handler(event, context):
            [(key, messages)] = event['rmqMessagesByQueue'].items()
            print('seen', json.dumps({'from': [event['eventSource'], event['eventSourceArn'], key], 'numbers': [int(base64.b64decode(message['data'])) for message in messages]}))
        """;

    private static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    [Fact]
    public async Task BrokerThatTheServerWasToldOf_FeedsAFunction_ThroughItsRestart()
    {
        var python = await Machine.NeedBoto3Async();
        using var folder = new TemporaryFolder();
        await using var broker = await RabbitBroker.StartAsync(folder.Path);
        using var project = new TemporaryFolder();
        project.Write("serverless.yml", Manifest).Write("worker.py", Worker);
        await using var server = await MayflyServer.UpAsync(project.Path);

        // 1. Tell of the broker; nobody is told its password.
        (await PutAsync(server, "rabbit", "http://localhost")).Status.ShouldBe(400);
        (await PutAsync(server, "two%20words", broker.Url)).Status.ShouldBe(400);
        (await PutAsync(server, "rabbit?region=a:b", broker.Url)).Status.ShouldBe(400);
        var known = await PutAsync(server, "rabbit", broker.Url);
        known.Status.ShouldBe(200);
        var arn = (string)known.Answer["arn"]!;
        arn.ShouldStartWith("arn:aws:mq:us-east-1:000000000000:broker:rabbit:b-");
        (await server.Http.GetStringAsync("/_mayfly/api/brokers")).ShouldContain("amqp://guest:***@127.0.0.1:");

        // 2. Map a queue of it.
        await PublishAsync(broker, 0, 50, declare: true);
        var mapped = await Tool.RunAsync(python, ["-c", $$"""
            import boto3
            lam = boto3.client('lambda', endpoint_url='{{server.Endpoint}}', region_name='us-east-1', aws_access_key_id='test', aws_secret_access_key='test')
            print(lam.create_event_source_mapping(FunctionName='worker', EventSourceArn='{{arn}}', Queues=['orders'], BatchSize=20,
                SourceAccessConfigurations=[{'Type': 'VIRTUAL_HOST', 'URI': '/'}])['UUID'])
            """]);
        mapped.ShouldSucceed();
        await Until.TrueAsync(async () => (await SeenAsync(server)).Count == 50, "the first fifty", 60);

        // 3. The broker goes and comes.
        await broker.KillAsync();
        var uuid = mapped.Text.Trim();
        await Until.TrueAsync(async () => (await MappingAsync(server, uuid)).StartsWith("PROBLEM: The ", StringComparison.Ordinal), "the loss to be shown");
        await broker.RestartAsync();
        await PublishAsync(broker, 50, 80, declare: false);
        await Until.TrueAsync(async () => (await SeenAsync(server)).Count >= 80, "those after the restart", 60);
        (await SeenAsync(server)).Distinct().Order().ShouldBe(Enumerable.Range(0, 80));
        (await server.RunAsync(["logs", "worker"])).Text.ShouldContain($"{{\"from\": [\"aws:rmq\", \"{arn}\", \"orders::/\"]");

        // 4. A broker that is forgotten is read no more.
        (await server.Http.DeleteAsync("/_mayfly/api/brokers/rabbit")).StatusCode.ShouldBe(System.Net.HttpStatusCode.NoContent);
        (await server.Http.DeleteAsync("/_mayfly/api/brokers/rabbit")).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
        await Until.TrueAsync(async () => (await MappingAsync(server, uuid)).StartsWith("PROBLEM: No broker is known as", StringComparison.Ordinal), "it to be missed");
    }

    private static async Task<(int Status, JsonNode Answer)> PutAsync(MayflyServer server, string name, string url)
    {
        using var answer = await server.Http.PutAsJsonAsync($"/_mayfly/api/brokers/{name}", new { url });
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private static async Task<string> MappingAsync(MayflyServer server, string uuid) =>
        (string)JsonNode.Parse(await server.Http.GetStringAsync($"/2015-03-31/event-source-mappings/{uuid}"))!["LastProcessingResult"]!;

    private static async Task PublishAsync(RabbitBroker broker, int from, int to, bool declare)
    {
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(Confirmed);
        if (declare)
        {
            await channel.QueueDeclareAsync("orders", durable: true, exclusive: false, autoDelete: false);
        }

        for (var number = from; number < to; number++)
        {
            await channel.BasicPublishAsync("", "orders", mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static async Task<List<int>> SeenAsync(MayflyServer server)
    {
        var log = (await server.RunAsync(["logs", "worker"])).Text;
        return [.. log.Split('\n')
            .Where(static line => line.Contains("seen {", StringComparison.Ordinal))
            .SelectMany(static line => JsonNode.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..(line.LastIndexOf('}') + 1)])!["numbers"]!.AsArray())
            .Select(static number => (int)number!)];
    }
}
