using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Tests.Dialects.Aws.Lambda;

/// <summary>The operations of event source mappings, through boto3. What the mappings then do is told elsewhere.</summary>
public sealed class EventSourceMappingTests : IAsyncLifetime
{
    private const string Prelude = """
        SQS, FIFO = 'arn:aws:sqs:us-east-1:000000000000:orders', 'arn:aws:sqs:us-east-1:000000000000:orders.fifo'
        MQ = 'arn:aws:mq:us-east-1:000000000000:broker:rabbit:b-1'
        F = 'arn:aws:lambda:us-east-1:000000000000:function:f'
        def add(arn=SQS, **more):
            return lam.create_event_source_mapping(**{**dict(EventSourceArn=arn, FunctionName='f'), **more})
        def bad(says, arn=SQS, status=400, code='InvalidParameterValueException', **more):
            refused(code, status, says, lam.create_event_source_mapping, **{**dict(EventSourceArn=arn, FunctionName='f'), **more})
        def raw(method, path, **body):
            request = urllib.request.Request(os.environ['MAYFLY_TEST_ENDPOINT'].rstrip('/') + path, json.dumps(body).encode(), method=method)
            try:
                with urllib.request.urlopen(request) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                return [error.code, error.headers['x-amzn-ErrorType'], json.load(error)]
        ESM = '/2015-03-31/event-source-mappings/'
        def without(answer):
            return {name: value for name, value in answer.items() if name != 'ResponseMetadata'}
        create()

        """;

    private LambdaServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await LambdaServer.StartAsync();
        await _server.Sources.Queues.ApplyAsync(static _ => new() { Put = [Queue("orders"), Queue("orders.fifo"), Queue("short") with { VisibilitySeconds = 2 }] }, default);
        await _server.Sources.Brokers.ApplyAsync(static _ => new() { Put = [Broker.Make(new("000000000000", "us-east-1", "rabbit"), "amqp://u:p@localhost")] }, default);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public Task Mapping_IsMadeShownChangedAndDeleted() => _server.Boto3Async(Prelude + """
        made = add()
        assert made['ResponseMetadata']['HTTPStatusCode'] == 202
        uuid, modified = made['UUID'], made['LastModified']
        assert without(made) == {'UUID': uuid, 'BatchSize': 10, 'MaximumBatchingWindowInSeconds': 0, 'EventSourceArn': SQS, 'FunctionArn': F, 'LastModified': modified,
            'State': 'Creating', 'StateTransitionReason': 'USER_INITIATED', 'FunctionResponseTypes': [], **{k: v for k, v in made.items() if k == 'EventSourceMappingArn'}}, made
        assert lam.get_event_source_mapping(UUID=uuid)['State'] == 'Enabled'

        changed = lam.update_event_source_mapping(UUID=uuid, BatchSize=100, MaximumBatchingWindowInSeconds=5, FunctionResponseTypes=['ReportBatchItemFailures'],
            FilterCriteria={'Filters': [{'Pattern': '{"body": {"n": [1]}}'}]})
        assert changed['State'] == 'Updating' and changed['LastModified'] >= modified, changed
        raw('PUT', ESM + uuid, ScalingConfig={'MaximumConcurrency': 3})
        got = raw('GET', ESM + uuid)
        assert (got['BatchSize'], got['MaximumBatchingWindowInSeconds'], got['FunctionResponseTypes'], got['FilterCriteria'], got['ScalingConfig']) == \
            (100, 5, ['ReportBatchItemFailures'], {'Filters': [{'Pattern': '{"body": {"n": [1]}}'}]}, {'MaximumConcurrency': 3}), got
        assert raw('PUT', ESM + uuid, Enabled=False, FilterCriteria={}, ScalingConfig={})['State'] == 'Disabling'
        got = raw('GET', ESM + uuid)
        assert got['State'] == 'Disabled' and 'FilterCriteria' not in got and 'ScalingConfig' not in got and got['BatchSize'] == 100, got
        assert lam.update_event_source_mapping(UUID=uuid, Enabled=True)['State'] == 'Enabling'

        gone = lam.delete_event_source_mapping(UUID=uuid)
        assert gone['ResponseMetadata']['HTTPStatusCode'] == 202 and gone['State'] == 'Deleting', gone
        for call in lam.get_event_source_mapping, lam.delete_event_source_mapping, lam.update_event_source_mapping:
            refused('ResourceNotFoundException', 404, 'The resource you requested does not exist.', call, UUID=uuid)
        """);

    [Fact]
    public Task MappingOfABroker_IsShownWithItsQueue() => _server.Boto3Async(Prelude + """
        access = [{'Type': 'BASIC_AUTH', 'URI': 'arn:aws:secretsmanager:us-east-1:000000000000:secret:s'}, {'Type': 'VIRTUAL_HOST', 'URI': '/v'}]
        made = add(MQ, Queues=['q'], SourceAccessConfigurations=access)
        assert (made['BatchSize'], made['Queues'], made['SourceAccessConfigurations'], made['LastProcessingResult']) == (100, ['q'], access, 'No records processed'), made
        assert 'FunctionResponseTypes' not in made, made
        bad('Queues is required', MQ)
        bad('Unsupported FunctionResponseTypes parameter for given event source mapping type.', MQ, Queues=['r'], FunctionResponseTypes=['ReportBatchItemFailures'])
        bad('Unsupported MaximumRetryAttempts parameter for given event source mapping type.', MQ, Queues=['r'], MaximumRetryAttempts=1)
        bad('VPC_SUBNET', MQ, Queues=['r'], SourceAccessConfigurations=[{'Type': 'VPC_SUBNET', 'URI': 'subnet:1'}])
        bad('No broker is known as', MQ.replace('rabbit', 'other'), Queues=['q'])
        assert add(MQ, Queues=['q'])['UUID'] != made['UUID'], 'another virtual host'
        bad('already exists', MQ, 409, 'ResourceConflictException', Queues=['q'], SourceAccessConfigurations=access)
        """);

    [Fact]
    public Task WhatDoesNotGoTogether_IsRefused() => _server.Boto3Async(Prelude + """
        create('slow', Timeout=30)
        bad('Function not found: ' + F + 'x', SQS, 404, 'ResourceNotFoundException', FunctionName='fx')
        bad('Function not found: ' + F + ':live', SQS, 404, 'ResourceNotFoundException', FunctionName='f:live')
        bad('Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue.', SQS + 'x')
        bad('NonExistentQueue', SQS.replace('000000000000', '111111111111'))
        bad('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10', BatchSize=11)
        bad('Batching window is not supported for FIFO queues', FIFO, MaximumBatchingWindowInSeconds=1)
        bad('Batch size must not exceed 10 for FIFO queues', FIFO, BatchSize=11)
        bad('Queue visibility timeout: 2 seconds is less than Function timeout: 30 seconds', SQS.replace('orders', 'short'), FunctionName='slow')
        bad('Invalid filter pattern definition.', FilterCriteria={'Filters': [{'Pattern': '{"body": "no list"}'}]})
        bad('filters', FilterCriteria={'Filters': [{'Pattern': '{}'}] * 6})
        bad('StartingPosition is not valid for SQS event sources.', StartingPosition='LATEST')
        for name, value in {'MaximumRetryAttempts': 2, 'MaximumRecordAgeInSeconds': 60, 'BisectBatchOnFunctionError': False, 'ParallelizationFactor': 1, 'TumblingWindowInSeconds': 1,
                            'DestinationConfig': {'OnFailure': {'Destination': SQS}}, 'Queues': ['q'], 'Topics': ['tt']}.items():
            bad(f'Unsupported {name} parameter for given event source mapping type.', **{name: value})
        low = raw('POST', ESM, FunctionName='f', EventSourceArn=SQS, ScalingConfig={'MaximumConcurrency': 1})
        assert low[:2] == [400, 'ValidationException'] and "Value '1' at 'scalingConfig.maximumConcurrency' failed to satisfy constraint" in low[2]['message'], low
        bad("'batchSize'", SQS, 400, 'ValidationException', BatchSize=10001)
        refused('NotImplementedException', 501, 'kinesis', lam.create_event_source_mapping, FunctionName='f', EventSourceArn='arn:aws:kinesis:us-east-1:000000000000:stream/s', StartingPosition='LATEST')

        made = add(Enabled=False)
        bad(f'An event source mapping with SQS arn (" {SQS} ") and function (" f ") already exists. Please update or delete the existing mapping with UUID {made["UUID"]}', SQS, 409, 'ResourceConflictException')
        assert lam.get_event_source_mapping(UUID=made['UUID'])['State'] == 'Disabled'
        other = add(FunctionName='slow')['UUID']
        refused('ResourceConflictException', 409, 'already exists', lam.update_event_source_mapping, UUID=other, FunctionName='f')
        refused('InvalidParameterValueException', 400, 'Maximum batch window', lam.update_event_source_mapping, UUID=other, BatchSize=11)
        refused('InvalidParameterValueException', 400, 'BisectBatchOnFunctionError', lam.update_event_source_mapping, UUID=other, BisectBatchOnFunctionError=True)
        """);

    [Fact]
    public Task List_HasPages_AndFindsBySourceAndFunction() => _server.Boto3Async(Prelude + """
        create('g')
        all = sorted(add(arn, FunctionName=name, Enabled=False)['UUID'] for arn in (SQS, FIFO) for name in 'fg')
        def uuids(**more):
            return [one['UUID'] for page in lam.get_paginator('list_event_source_mappings').paginate(**more) for one in page['EventSourceMappings']]
        assert uuids() == all and uuids(PaginationConfig={'PageSize': 1}) == all
        assert len(uuids(EventSourceArn=FIFO)) == 2 and len(uuids(FunctionName='g')) == 2 and len(uuids(FunctionName=F, EventSourceArn=SQS)) == 1
        assert uuids(FunctionName='nobody') == [] and uuids(EventSourceArn=SQS + 'x') == []
        elsewhere = client(region_name='eu-west-1')
        assert elsewhere.list_event_source_mappings()['EventSourceMappings'] == []
        refused('ResourceNotFoundException', 404, 'does not exist', elsewhere.get_event_source_mapping, UUID=all[0])
        """);

    [Fact]
    public Task Tags_AreTheMappingsOwn() => _server.Boto3Async(Prelude + """
        arn = raw('POST', ESM, FunctionName='f', EventSourceArn=SQS, Tags={'a': '1', 'b': '2'})['EventSourceMappingArn']
        assert lam.list_tags(Resource=arn)['Tags'] == {'a': '1', 'b': '2'}
        lam.tag_resource(Resource=arn, Tags={'b': '3', 'c': '4'})
        lam.untag_resource(Resource=arn, TagKeys=['a', 'none'])
        assert lam.list_tags(Resource=arn)['Tags'] == {'b': '3', 'c': '4'}
        assert lam.list_tags(Resource=F)['Tags'] == {}
        refused('InvalidParameterValueException', 400, 'aws:', lam.tag_resource, Resource=arn, Tags={'aws:x': ''})
        refused('ResourceNotFoundException', 404, 'does not exist', lam.list_tags, Resource=arn[:-1] + ('0' if arn[-1] != '0' else '1'))
        """);

    private static MessageQueue Queue(string name) => new() { Key = new("000000000000", "us-east-1", name), Created = default, LastModified = default };
}
