using Mayfly.Server.Services;

namespace Mayfly.Server.Tests.Services;

/// <summary>What a manifest says of buckets, queues and topics, and of what they start.</summary>
public sealed class SourceManifestTests
{
    [Fact]
    public void Uploads_NameBuckets_WithFilters()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            events:
              - s3: hello_world_bucket
              - s3:
                  bucket: photos
                  event: s3:ObjectRemoved:*
                  rules: [{ prefix: in/ }, { suffix: .jpg }]
              - s3: { bucket: theirs, existing: true }
            """));
        var manifest = folder.Read();

        manifest.Buckets.Select(static bucket => (bucket.Name, bucket.Existing)).ShouldBe([("hello_world_bucket", false), ("photos", false), ("theirs", true)]);
        manifest.Notifications.Select(static told => $"{told.Bucket} {string.Join(',', told.Events)} {told.Prefix}*{told.Suffix} → {told.Function}").ShouldBe(
        [
            "hello_world_bucket s3:ObjectCreated:* * → shop-dev-hello",
            "photos s3:ObjectRemoved:* in/*.jpg → shop-dev-hello",
            "theirs s3:ObjectCreated:* * → shop-dev-hello",
        ]);
        manifest.Notices.ShouldBeEmpty();
    }

    [Fact]
    public void Messages_ComeFromQueuesTopicsAndBrokers()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            events:
              - sqs: arn:aws:sqs:us-east-1:000000000000:orders
              - sqs:
                  arn: !GetAtt Jobs.Arn
                  batchSize: 5
                  maximumBatchingWindow: 2
                  maximumConcurrency: 7
                  functionResponseType: ReportBatchItemFailures
                  filterPatterns: [{ body: { kind: [new] } }]
                  enabled: false
              - sns: alerts
              - sns: { topicName: news, displayName: News, filterPolicy: { kind: [a] }, redrivePolicy: { deadLetterTargetRef: Jobs } }
              - sns: !Ref Shouts
              - rabbitmq: { arn: 'arn:aws:mq:us-east-1:000000000000:broker:rabbit:b-1', queue: work, virtualHost: /shop, basicAuthArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:rabbit' }
            """) + """

            resources:
              Resources:
                Jobs: { Type: AWS::SQS::Queue, Properties: { QueueName: jobs } }
                Shouts: { Type: AWS::SNS::Topic }
            """);
        var manifest = folder.Read();

        manifest.Mappings.Select(static mapping => $"{mapping.Source} → {mapping.Function} {mapping.BatchSize} {mapping.MaximumBatchingWindowSeconds} {mapping.MaximumConcurrency} {mapping.ReportsFailures} {mapping.Enabled} {string.Join(',', mapping.Filters)} {mapping.Queue} {mapping.VirtualHost}").ShouldBe(
        [
            "arn:aws:sqs:us-east-1:000000000000:orders → shop-dev-hello    False True   ",
            """arn:aws:sqs:us-east-1:000000000000:jobs → shop-dev-hello 5 2 7 True False {"body":{"kind":["new"]}}  """,
            "arn:aws:mq:us-east-1:000000000000:broker:rabbit:b-1 → shop-dev-hello    False True  work /shop",
        ]);
        manifest.Topics.Select(static topic => topic.Name).ShouldBe(["shop-dev-Shouts", "alerts", "news"]);
        manifest.Subscriptions.Select(static subscription => $"{subscription.Topic.Split(':')[^1]} {subscription.Function} {string.Join(',', subscription.Attributes.Select(static entry => entry.Key + entry.Value))}").ShouldBe(
        [
            "alerts shop-dev-hello ",
            """news shop-dev-hello FilterPolicy{"kind":["a"]},RedrivePolicy{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:jobs"}""",
            "shop-dev-Shouts shop-dev-hello ",
        ]);
        manifest.Notices.ShouldBeEmpty();
    }

    [Fact]
    public void Resources_AreBucketsQueuesAndTopics_AndCanBeReferredTo()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            environment: { QUEUE: !Ref Jobs, DEAD: !GetAtt Dead.Arn, TOPIC: !Ref News, BUCKET: !Ref Photos }
            """) + """

            resources:
              Resources:
                Photos:
                  Type: AWS::S3::Bucket
                  Properties:
                    VersioningConfiguration: { Status: Enabled }
                    NotificationConfiguration:
                      EventBridgeConfiguration: { EventBridgeEnabled: true }
                      LambdaConfigurations:
                        - { Event: 's3:ObjectCreated:Put', Function: !GetAtt HelloLambdaFunction.Arn, Filter: { S3Key: { Rules: [{ Name: prefix, Value: in/ }] } } }
                      QueueConfigurations:
                        - { Event: 's3:ObjectRemoved:*', Queue: !GetAtt Dead.Arn }
                    CorsConfiguration: { CorsRules: [{ AllowedMethods: [GET], AllowedOrigins: ['*'] }] }
                    Tags: [{ Key: team, Value: a }]
                Dead: { Type: AWS::SQS::Queue }
                Jobs:
                  Type: AWS::SQS::Queue
                  Properties: { FifoQueue: true, VisibilityTimeout: 60, RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 } }
                News: { Type: AWS::SNS::Topic, Properties: { TopicName: news, Subscription: [{ Protocol: sqs, Endpoint: !GetAtt Dead.Arn }] } }
                Told: { Type: AWS::SNS::Subscription, Properties: { TopicArn: !Ref News, Protocol: lambda, Endpoint: !GetAtt HelloLambdaFunction.Arn, RawMessageDelivery: true } }
                Work: { Type: AWS::Lambda::EventSourceMapping, Properties: { EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref HelloLambdaFunction, BatchSize: 3 } }
                Allowed: { Type: AWS::SQS::QueuePolicy, Properties: { Queues: [!Ref Dead] } }
            """);
        var manifest = folder.Read();

        var photos = manifest.Buckets.ShouldHaveSingleItem();
        (photos.Name, photos.Versioned, photos.EventBridge, photos.CorsRules, photos.Tags!["team"]).ShouldBe(("shop-dev-photos", true, true, """[{"AllowedMethods":["GET"],"AllowedOrigins":["*"]}]""", "a"));
        manifest.Notifications.Select(static told => $"{told.Events[0]} {told.Prefix} → {told.Function}{told.Target}").ShouldBe(
        [
            "s3:ObjectCreated:Put in/ → shop-dev-hello",
            "s3:ObjectRemoved:*  → arn:aws:sqs:us-east-1:000000000000:shop-dev-Dead",
        ]);
        manifest.Queues.Select(static queue => $"{queue.Name} {string.Join(' ', queue.Attributes.Select(static entry => $"{entry.Key}={entry.Value}"))}").ShouldBe(
        [
            "shop-dev-Dead ",
            """shop-dev-Jobs.fifo FifoQueue=true RedrivePolicy={"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:shop-dev-Dead","maxReceiveCount":3} VisibilityTimeout=60""",
        ]);
        manifest.Subscriptions.Select(static subscription => $"{subscription.Protocol} {subscription.Function}{subscription.Endpoint}").ShouldBe(["sqs arn:aws:sqs:us-east-1:000000000000:shop-dev-Dead", "lambda shop-dev-hello"]);
        manifest.Mappings.ShouldHaveSingleItem().Source.ShouldBe("arn:aws:sqs:us-east-1:000000000000:shop-dev-Jobs.fifo");
        manifest.Functions[0].Config.Environment.ShouldBe(
            new Dictionary<string, string>
            {
                ["BUCKET"] = "shop-dev-photos",
                ["DEAD"] = "arn:aws:sqs:us-east-1:000000000000:shop-dev-Dead",
                ["QUEUE"] = "https://sqs.us-east-1.amazonaws.com/000000000000/shop-dev-Jobs.fifo",
                ["TOPIC"] = "arn:aws:sns:us-east-1:000000000000:news",
            },
            ignoreOrder: true);
        manifest.Notices.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("s3: { bucket: photos, event: s3:ObjectMade:* }", "\"s3:ObjectMade:*\" is no kind of change such as s3:ObjectCreated:* or s3:ObjectRemoved:Delete.")]
    [InlineData("s3: a/b", "\"a/b\" is no name of a bucket")]
    [InlineData("sqs: orders", "\"orders\" is no ARN of a queue, for example arn:aws:sqs:us-east-1:000000000000:orders.")]
    [InlineData("sqs: { arn: 'arn:aws:sqs:us-east-1:000000000000:orders', batchSize: 10001 }", "must be a whole number from 1 to 10000")]
    [InlineData("sns: a b", "\"a b\" is neither an ARN nor a topic's name")]
    [InlineData("sns: { displayName: x }", "has neither \"arn\" nor \"topicName\"")]
    [InlineData("rabbitmq: { arn: 'arn:aws:mq:us-east-1:000000000000:broker:rabbit:b-1' }", "queue: is missing.")]
    [InlineData("sqs: { arn: 'arn:aws:sqs:us-east-1:000000000000:orders', filterPatterns: [{ body: 1 }] }", "filterPatterns:")]
    public void WhatCannotBe_IsNamed(string @event, string problem)
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction($"events: [{{ {@event} }}]"));

        Should.Throw<ManifestException>(() => folder.Read()).Message.ShouldContain(problem);
    }

    [Fact]
    public void WhatOnlyAwsKnows_IsLeftOut_AndSaid()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            events:
              - sqs: { Fn::ImportValue: other-queue }
            """));
        var manifest = folder.Read();

        manifest.Mappings.ShouldBeEmpty();
        manifest.Notices.ShouldHaveSingleItem().Message.ShouldContain("is known to a deployment to AWS only");
    }
}
