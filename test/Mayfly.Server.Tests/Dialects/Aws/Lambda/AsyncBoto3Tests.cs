using System.Net;
using System.Text;
using Mayfly.Server.Tests.Functions;

namespace Mayfly.Server.Tests.Dialects.Aws.Lambda;

/// <summary>Events and the settings of what becomes of them, as an unmodified boto3 sees them.</summary>
public sealed class AsyncBoto3Tests
{
    [Fact]
    public async Task EventInvokeConfig_PutUpdateGetListDelete()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async("""
            arn = 'arn:aws:lambda:us-east-1:000000000000:function:'
            sink, queue = create('sink')['FunctionArn'], 'arn:aws:sqs:us-east-1:000000000000:q'
            create('f', Publish=True)
            lam.create_alias(FunctionName='f', Name='live', FunctionVersion='1')
            c = lam.put_function_event_invoke_config(FunctionName='f', MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60, DestinationConfig={'OnSuccess': {'Destination': sink}})
            import datetime
            assert isinstance(c['LastModified'], datetime.datetime) and abs((datetime.datetime.now(datetime.timezone.utc) - c['LastModified']).total_seconds()) < 600, c
            assert c['FunctionArn'] == arn + 'f:$LATEST' and c['MaximumRetryAttempts'] == 0 and c['MaximumEventAgeInSeconds'] == 60
            assert c['DestinationConfig'] == {'OnSuccess': {'Destination': sink}, 'OnFailure': {}}, c
            c = lam.update_function_event_invoke_config(FunctionName='f', MaximumEventAgeInSeconds=70)
            assert (c['MaximumRetryAttempts'], c['MaximumEventAgeInSeconds'], c['DestinationConfig']['OnSuccess']) == (0, 70, {'Destination': sink}), c
            c = lam.put_function_event_invoke_config(FunctionName='f', Qualifier='live', DestinationConfig={'OnFailure': {'Destination': queue}})
            assert c['FunctionArn'] == arn + 'f:live' and 'MaximumRetryAttempts' not in c
            c = lam.update_function_event_invoke_config(FunctionName='f:live', DestinationConfig={'OnFailure': {'Destination': ''}})
            assert c['DestinationConfig'] == {'OnSuccess': {}, 'OnFailure': {}}, c
            lam.put_function_event_invoke_config(FunctionName='f', Qualifier='1', MaximumRetryAttempts=1)
            page = lam.list_function_event_invoke_configs(FunctionName='f', MaxItems=2)
            assert [c['FunctionArn'] for c in page['FunctionEventInvokeConfigs']] == [arn + 'f:$LATEST', arn + 'f:1'], page
            page = lam.list_function_event_invoke_configs(FunctionName='f', MaxItems=2, Marker=page['NextMarker'])
            assert [c['FunctionArn'] for c in page['FunctionEventInvokeConfigs']] == [arn + 'f:live'] and 'NextMarker' not in page
            assert lam.get_function_event_invoke_config(FunctionName='f', Qualifier='1')['MaximumRetryAttempts'] == 1
            assert lam.delete_function_event_invoke_config(FunctionName='f')['ResponseMetadata']['HTTPStatusCode'] == 204
            for call in [lam.get_function_event_invoke_config, lam.delete_function_event_invoke_config]:
                refused('ResourceNotFoundException', 404, f"The function {arn}f:$LATEST doesn't have an EventInvokeConfig", call, FunctionName='f')
                refused('ResourceNotFoundException', 404, f"The function {arn}none:$LATEST doesn't have an EventInvokeConfig", call, FunctionName='none')
            lam.delete_alias(FunctionName='f', Name='live')
            assert len(lam.list_function_event_invoke_configs(FunctionName='f')['FunctionEventInvokeConfigs']) == 1
            """);
    }

    [Fact]
    public async Task EventInvokeConfig_ThatCannotBe_IsRefused()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async("""
            f, other = create('f')['FunctionArn'], create('other')['FunctionArn']
            put, update = lam.put_function_event_invoke_config, lam.update_function_event_invoke_config
            for call in [put, update]:
                refused('InvalidParameterValueException', 400, 'You must specify at least one of error handling or destination setting.', call, FunctionName='f')
                refused('ResourceNotFoundException', 404, "The function doesn't exist.", call, FunctionName='none', MaximumRetryAttempts=1)
                refused('ResourceNotFoundException', 404, "The function doesn't exist.", call, FunctionName='f', Qualifier='9', MaximumRetryAttempts=1)
            refused('ResourceNotFoundException', 404, "The function doesn't exist.", lam.list_function_event_invoke_configs, FunctionName='none')
            refused('ResourceNotFoundException', 404, "doesn't have an EventInvokeConfig", update, FunctionName='f', MaximumRetryAttempts=1)
            def to(success=None, failure=None):
                return {k: {'Destination': v} for k, v in [('OnSuccess', success), ('OnFailure', failure)] if v}
            refused('InvalidParameterValueException', 400, "You can't specify the function as a destination for itself.", put, FunctionName='f', DestinationConfig=to(f))
            refused('InvalidParameterValueException', 400, f'The destination ARN {f}x is invalid.', put, FunctionName='f', DestinationConfig=to(failure=f + 'x'))
            bucket, table = 'arn:aws:s3:::b', 'arn:aws:dynamodb:us-east-1:000000000000:table/t'
            refused('InvalidParameterValueException', 400, f'The provided destination config DestinationConfig(onSuccess=OnSuccess(destination={bucket}), onFailure=null) is invalid.', put, FunctionName='f', DestinationConfig=to(bucket))
            refused('InvalidParameterValueException', 400, f'DestinationConfig(onSuccess=OnSuccess(destination={other}), onFailure=OnFailure(destination={table})) is invalid.', put, FunctionName='f', DestinationConfig=to(other, table))
            put(FunctionName='f', DestinationConfig=to(other, bucket))
            """);
    }

    [Fact]
    public async Task ProvisionedConcurrency_PutGetListDelete()
    {
        await using var server = await LambdaServer.StartAsync();
        server.Provisioned = new(2, null);
        await server.Boto3Async("""
            import re
            create('f', Publish=True)
            lam.create_alias(FunctionName='f', Name='live', FunctionVersion='1')
            put, get = lam.put_provisioned_concurrency_config, lam.get_provisioned_concurrency_config
            p = put(FunctionName='f', Qualifier='live', ProvisionedConcurrentExecutions=2)
            assert p['ResponseMetadata']['HTTPStatusCode'] == 202 and re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000', p['LastModified']), p
            assert [p[k] for k in ['RequestedProvisionedConcurrentExecutions', 'AvailableProvisionedConcurrentExecutions', 'AllocatedProvisionedConcurrentExecutions', 'Status']] == [2, 0, 0, 'IN_PROGRESS'], p
            g = get(FunctionName='f', Qualifier='live')
            assert [g[k] for k in ['RequestedProvisionedConcurrentExecutions', 'AvailableProvisionedConcurrentExecutions', 'AllocatedProvisionedConcurrentExecutions', 'Status']] == [2, 2, 2, 'READY'], g
            assert g['LastModified'] == p['LastModified'] and 'FunctionArn' not in g
            put(FunctionName='f', Qualifier='live', ProvisionedConcurrentExecutions=3)
            assert get(FunctionName='f:live', Qualifier='live')['Status'] == 'IN_PROGRESS'
            l = lam.list_provisioned_concurrency_configs(FunctionName='f')['ProvisionedConcurrencyConfigs']
            assert [c['FunctionArn'] for c in l] == ['arn:aws:lambda:us-east-1:000000000000:function:f:live'], l
            assert lam.get_account_settings()['AccountLimit']['UnreservedConcurrentExecutions'] == 997
            refused('InvalidParameterValueException', 400, " ReservedConcurrentExecutions  2 should not be lower than function's total provisioned concurrency [3].", lam.put_function_concurrency, FunctionName='f', ReservedConcurrentExecutions=2)
            lam.put_function_concurrency(FunctionName='f', ReservedConcurrentExecutions=3)
            refused('InvalidParameterValueException', 400, 'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function', put, FunctionName='f', Qualifier='live', ProvisionedConcurrentExecutions=4)
            lam.delete_function_concurrency(FunctionName='f')
            refused('ResourceConflictException', 409, 'Version is pointed by a Provisioned Concurrency alias', put, FunctionName='f', Qualifier='1', ProvisionedConcurrentExecutions=1)
            assert lam.delete_provisioned_concurrency_config(FunctionName='f', Qualifier='live')['ResponseMetadata']['HTTPStatusCode'] == 204
            lam.delete_provisioned_concurrency_config(FunctionName='f', Qualifier='live')
            put(FunctionName='f', Qualifier='1', ProvisionedConcurrentExecutions=1)
            refused('ResourceConflictException', 409, "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version", put, FunctionName='f', Qualifier='live', ProvisionedConcurrentExecutions=1)
            refused('ProvisionedConcurrencyConfigNotFoundException', 404, 'No Provisioned Concurrency Config found for this function', get, FunctionName='f', Qualifier='live')
            refused('ValidationException', 400, "Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 1", put, FunctionName='f', Qualifier='1', ProvisionedConcurrentExecutions=0)
            refused('InvalidParameterValueException', 400, 'Provisioned Concurrency Configs cannot be applied to unpublished function versions.', put, FunctionName='f', Qualifier='$LATEST', ProvisionedConcurrentExecutions=1)
            refused('InvalidParameterValueException', 400, 'The function resource provided must be an alias or a published version.', get, FunctionName='f', Qualifier='$LATEST')
            refused('ResourceNotFoundException', 404, 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:7', get, FunctionName='f', Qualifier='7')
            refused('ResourceNotFoundException', 404, 'Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:f:x', get, FunctionName='f', Qualifier='x')
            refused('InvalidParameterValueException', 400, "greater than account's unreserved concurrency [1000].", put, FunctionName='f', Qualifier='1', ProvisionedConcurrentExecutions=1001)
            refused('InvalidParameterValueException', 400, "below its minimum value of [100].", put, FunctionName='f', Qualifier='1', ProvisionedConcurrentExecutions=901)
            """);
        server.Provisioned = new(0, "it broke");
        await server.Boto3Async("""
            g = lam.get_provisioned_concurrency_config(FunctionName='f', Qualifier='1')
            assert (g['Status'], g['StatusReason'], g['AllocatedProvisionedConcurrentExecutions']) == ('FAILED', 'it broke', 0), g
            """);
    }

    [Fact]
    public async Task Events_AreAcceptedWith202_AndKept()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async("""
            create('f')
            r = lam.invoke(FunctionName='f', InvocationType='Event', Payload=b'{"a":1}')
            assert r['StatusCode'] == 202 and r['Payload'].read() == b'' and 'FunctionError' not in r and 'ExecutedVersion' not in r, r
            r = lam.invoke_async(FunctionName='f', InvokeArgs=b'{"b":1}')
            assert r['Status'] == 202, r
            lam.invoke(FunctionName='f', InvocationType='Event', Payload=json.dumps('x' * (1024 * 1024 - 2)))
            refused('RequestEntityTooLargeException', 413, '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)', lam.invoke, FunctionName='f', InvocationType='Event', Payload=json.dumps('x' * (1024 * 1024 - 1)))
            refused('RequestEntityTooLargeException', 413, 'Request must be smaller than 262144 bytes for the InvokeAsync operation', lam.invoke_async, FunctionName='f', InvokeArgs=json.dumps('x' * 262144))
            refused('InvalidRequestContentException', 400, 'Could not parse request body into json', lam.invoke, FunctionName='f', InvocationType='Event', Payload=b'{')
            refused('ResourceNotFoundException', 404, 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:none', lam.invoke, FunctionName='none', InvocationType='Event')
            """);
        server.Events.List(dead: false, 10).Select(waiting => waiting.Event.Function!.Value.Key.Name).ShouldBe(["f", "f", "f"]);
    }

    [Fact]
    public async Task AcceptedEvent_HasTheRequestsId_AndNoBody()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Registry.ChangeAsync(FunctionRegistryTests.Make("f").Key, _ => FunctionRegistryTests.Make("f"), default);
        var request = new HttpRequestMessage(HttpMethod.Post, "/2015-03-31/functions/f/invocations") { Content = new StringContent("1") };
        request.Headers.Add("X-Amz-Invocation-Type", "Event");
        request.Headers.Add("X-Amzn-Trace-Id", "Root=1-2-3");
        using var answer = await server.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await answer.Content.ReadAsStringAsync()).ShouldBeEmpty();
        var waiting = server.Events.List(dead: false, 10).ShouldHaveSingleItem().Event;
        answer.Headers.GetValues("x-amzn-RequestId").ShouldBe([waiting.RequestId]);
        waiting.TraceId.ShouldBe("Root=1-2-3");
    }

    [Fact]
    public async Task YoungerSettings_AreKeptAndReturned()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Registry.ChangeAsync(FunctionRegistryTests.Make("f").Key, _ => FunctionRegistryTests.Make("f").Publish(null, default).Function, default);
        async Task<string> SendAsync(HttpMethod method, string path, string? body = null)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
            using var answer = await server.Http.SendAsync(request);
            return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
        }

        const string arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
        const string runtime = "/2021-07-20/functions/f/runtime-management-config";
        const string build = "arn:aws:lambda:us-east-1::runtime:0123";
        (await SendAsync(HttpMethod.Get, runtime)).ShouldBe($$"""200 {"UpdateRuntimeOn":"Auto","FunctionArn":"{{arn}}:$LATEST"}""");
        (await SendAsync(HttpMethod.Put, runtime + "?Qualifier=1", $$"""{"UpdateRuntimeOn":"Manual","RuntimeVersionArn":"{{build}}"}""")).ShouldBe($$"""200 {"UpdateRuntimeOn":"Manual","RuntimeVersionArn":"{{build}}","FunctionArn":"{{arn}}:1"}""");
        (await SendAsync(HttpMethod.Get, runtime + "?Qualifier=1")).ShouldContain(build);
        (await SendAsync(HttpMethod.Put, runtime, """{"UpdateRuntimeOn":"Manual"}""")).ShouldStartWith("400");

        const string recursion = "/2024-08-31/functions/f/recursion-config";
        (await SendAsync(HttpMethod.Get, recursion)).ShouldBe("""200 {"RecursiveLoop":"Terminate"}""");
        (await SendAsync(HttpMethod.Put, recursion, """{"RecursiveLoop":"Allow"}""")).ShouldBe("""200 {"RecursiveLoop":"Allow"}""");
        (await SendAsync(HttpMethod.Get, recursion)).ShouldBe("""200 {"RecursiveLoop":"Allow"}""");
        (await SendAsync(HttpMethod.Put, recursion, """{"RecursiveLoop":"Perhaps"}""")).ShouldContain("Member must satisfy enum value set: [");
        (await SendAsync(HttpMethod.Get, recursion.Replace("/f/", "/g/", StringComparison.Ordinal))).ShouldStartWith("404");

        const string scaling = "/2025-11-30/functions/f/function-scaling-config?Qualifier=1";
        (await SendAsync(HttpMethod.Put, scaling, """{"FunctionScalingConfig":{"MinExecutionEnvironments":1,"MaxExecutionEnvironments":4}}""")).ShouldBe("""202 {"FunctionState":"Active"}""");
        (await SendAsync(HttpMethod.Get, scaling)).ShouldBe(
            $$$"""200 {"FunctionArn":"{{{arn}}}:1","AppliedFunctionScalingConfig":{"MinExecutionEnvironments":1,"MaxExecutionEnvironments":4},"RequestedFunctionScalingConfig":{"MinExecutionEnvironments":1,"MaxExecutionEnvironments":4}}""");
    }
}
