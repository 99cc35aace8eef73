namespace Mayfly.Server.Tests.Dialects.Aws.Lambda;

/// <summary>The Lambda door as an unmodified boto3 sees it.</summary>
public sealed class LambdaDoorBoto3Tests
{
    [Fact]
    public async Task FunctionLife_CreateReadUpdateDelete()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async("""
            code = zip_of(app__py='print(1)')
            f = create('hello', Code={'ZipFile': code}, Environment={'Variables': {'BB': '2', 'Ab': '1'}}, Timeout=9, MemorySize=256, Description='d', Tags={'t': 'v'}, Architectures=['arm64'])
            assert f['ResponseMetadata']['HTTPStatusCode'] == 201
            assert f['FunctionArn'] == 'arn:aws:lambda:us-east-1:000000000000:function:hello', f
            assert f['CodeSha256'] == base64.b64encode(hashlib.sha256(code).digest()).decode()
            assert f['CodeSize'] == len(code)
            assert (f['Timeout'], f['MemorySize'], f['Description'], f['Version']) == (9, 256, 'd', '$LATEST')
            assert f['Environment'] == {'Variables': {'Ab': '1', 'BB': '2'}}
            assert (f['State'], f['LastUpdateStatus'], f['PackageType'], f['Architectures']) == ('Active', 'Successful', 'Zip', ['arm64'])
            assert f['EphemeralStorage'] == {'Size': 512} and f['TracingConfig'] == {'Mode': 'PassThrough'}
            import re
            assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000', f['LastModified']), f['LastModified']

            g = lam.get_function(FunctionName='hello')
            assert g['Tags'] == {'t': 'v'} and 'Concurrency' not in g
            assert urllib.request.urlopen(g['Code']['Location']).read() == code
            assert g['Configuration']['RevisionId'] == f['RevisionId']
            for name in ['hello:$LATEST', 'arn:aws:lambda:us-east-1:000000000000:function:hello', '000000000000:function:hello', 'function:hello']:
                assert lam.get_function_configuration(FunctionName=name)['FunctionName'] == 'hello'
            assert lam.get_function_configuration(FunctionName='hello', Qualifier='$LATEST')['FunctionArn'].endswith(':hello:$LATEST')

            c = lam.update_function_configuration(FunctionName='hello', MemorySize=512, Environment={'Variables': {}})
            assert c['MemorySize'] == 512 and c['Timeout'] == 9 and 'Environment' not in c and c['RevisionId'] != f['RevisionId']
            u = lam.update_function_code(FunctionName='hello', ZipFile=zip_of(b='2'), DryRun=True)
            assert lam.get_function_configuration(FunctionName='hello')['CodeSha256'] == f['CodeSha256'] != u['CodeSha256']
            u = lam.update_function_code(FunctionName='hello', ZipFile=zip_of(b='2'))
            assert lam.get_function_configuration(FunctionName='hello')['CodeSha256'] == u['CodeSha256']
            lam.get_waiter('function_active').wait(FunctionName='hello')
            lam.get_waiter('function_updated').wait(FunctionName='hello')
            assert [v['Version'] for v in lam.list_versions_by_function(FunctionName='hello')['Versions']] == ['$LATEST']

            assert lam.delete_function(FunctionName='hello')['ResponseMetadata']['HTTPStatusCode'] == 204
            refused('ResourceNotFoundException', 404, 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:hello', lam.get_function, FunctionName='hello')
            refused('ResourceNotFoundException', 404, 'Function not found', lam.delete_function, FunctionName='hello')
            """);
        server.Registry.Table.Current.Functions.ShouldBeEmpty();
    }

    [Fact]
    public async Task BadRequests_AreRefusedInTheServicesWords_AndLeaveNothing()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async("""
            refused('ValidationException', 400, "1 validation error detected: Value 'bad name' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:", create, name='bad name')
            refused('ValidationException', 400, 'length less than or equal to 64', create, name='x' * 65)
            r = refused('InvalidParameterValueException', 400, "Value cobol at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [", create, Runtime='cobol')
            assert 'provided.al2023' in r['Error']['Message']
            refused('ValidationException', 400, "'role'", create, Role='me')
            refused('ValidationException', 400, "null at 'role'", create, Role='')
            refused('ValidationException', 400, '2 validation errors', create, Timeout=901, MemorySize=1)
            refused('ValidationException', 400, 'architectures', create, Architectures=['mips'])
            refused('InvalidParameterValueException', 400, 'Runtime and Handler are mandatory', create, Handler='')
            refused('InvalidParameterValueException', 400, 'AWS_REGION', create, Environment={'Variables': {'AWS_REGION': 'x'}})
            refused('InvalidParameterValueException', 400, '4KB', create, Environment={'Variables': {'A1': 'x' * 5000}})
            refused('ValidationException', 400, 'environment', create, Environment={'Variables': {'1': 'x'}})
            refused('InvalidParameterValueException', 400, 'Could not unzip uploaded file', create, Code={'ZipFile': b'no zip'})
            refused('InvalidParameterValueException', 400, 'source for function code', create, Code={})
            refused('InvalidParameterValueException', 400, "'..'", create, Code={'ZipFile': zip_of(**{'../x': 'y'})})
            refused('NotImplementedException', 501, 'S3', create, Code={'S3Bucket': 'b', 'S3Key': 'k'})
            refused('NotImplementedException', 501, 'Publish', create, Publish=True)
            refused('NotImplementedException', 501, 'Layers', create, Layers=['arn:aws:lambda:us-east-1:000000000000:layer:l:1'])
            refused('NotImplementedException', 501, 'PublishVersion', lam.publish_version, FunctionName='f')
            refused('NotImplementedException', 501, 'ListLayers', lam.list_layers)
            refused('NotImplementedException', 501, 'CreateEventSourceMapping', lam.create_event_source_mapping, FunctionName='f', EventSourceArn='arn:aws:sqs:us-east-1:000000000000:q')
            assert lam.list_functions()['Functions'] == []
            create()
            refused('ResourceConflictException', 409, 'Function already exist: f', create)
            refused('PreconditionFailedException', 412, 'Revision Id', lam.update_function_configuration, FunctionName='f', RevisionId='x')
            refused('ResourceNotFoundException', 404, ':function:f:7', lam.get_function, FunctionName='f', Qualifier='7')
            refused('InvalidParameterValueException', 400, 'qualifier', lam.get_function, FunctionName='f:$LATEST', Qualifier='7')
            """);
        Directory.GetFiles(server.Packages).Length.ShouldBe(1);
    }

    [Fact]
    public async Task Listing_PagesInOrder_AndKeepsAccountsAndRegionsApart()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async("""
            for i in range(7):
                create('f%d' % i)
            client(region_name='eu-west-1').create_function(FunctionName='f0', Runtime='provided.al2023', Handler='h', Role=ROLE, Code={'ZipFile': zip_of(a='x')})
            client(aws_access_key_id='123456789012', aws_secret_access_key='x').create_function(FunctionName='other', Runtime='provided.al2023', Handler='h', Role=ROLE, Code={'ZipFile': zip_of(a='x')})
            names = [f['FunctionName'] for p in lam.get_paginator('list_functions').paginate(PaginationConfig={'PageSize': 3}) for f in p['Functions']]
            assert names == ['f%d' % i for i in range(7)], names
            assert 'State' not in lam.list_functions()['Functions'][0]
            assert [f['FunctionArn'] for f in client(region_name='eu-west-1').list_functions()['Functions']] == ['arn:aws:lambda:eu-west-1:000000000000:function:f0']
            assert [f['FunctionArn'] for f in client(aws_access_key_id='123456789012', aws_secret_access_key='x').list_functions()['Functions']] == ['arn:aws:lambda:us-east-1:123456789012:function:other']
            refused('InvalidParameterValueException', 400, 'Marker', lam.list_functions, Marker='?')
            s = lam.get_account_settings()
            assert s['AccountUsage']['FunctionCount'] == 7 and s['AccountLimit']['CodeSizeUnzipped'] == 262144000, s
            """);
    }

    [Fact]
    public async Task UrlConcurrencyPolicyAndTags_AreKeptAndReturned()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async("""
            create()
            revision = lam.get_function_configuration(FunctionName='f')['RevisionId']
            refused('ResourceNotFoundException', 404, 'does not exist', lam.get_function_url_config, FunctionName='f')
            u = lam.create_function_url_config(FunctionName='f', AuthType='NONE', Cors={'AllowOrigins': ['*'], 'MaxAge': 5})
            assert u['ResponseMetadata']['HTTPStatusCode'] == 201 and '/_url/' in u['FunctionUrl'] and u['Cors'] == {'AllowOrigins': ['*'], 'MaxAge': 5}, u
            refused('ResourceConflictException', 409, 'exists', lam.create_function_url_config, FunctionName='f', AuthType='NONE')
            refused('ValidationException', 400, 'authType', lam.update_function_url_config, FunctionName='f', AuthType='X')
            v = lam.update_function_url_config(FunctionName='f', AuthType='AWS_IAM')
            assert v['AuthType'] == 'AWS_IAM' and v['FunctionUrl'] == u['FunctionUrl'] and v['Cors'] == u['Cors'], v
            assert 'Cors' not in lam.update_function_url_config(FunctionName='f', Cors={})
            assert [x['FunctionUrl'] for x in lam.list_function_url_configs(FunctionName='f')['FunctionUrlConfigs']] == [u['FunctionUrl']]

            s = lam.add_permission(FunctionName='f', StatementId='public', Action='lambda:InvokeFunctionUrl', Principal='*', FunctionUrlAuthType='NONE')
            assert json.loads(s['Statement']) == {'Sid': 'public', 'Effect': 'Allow', 'Principal': '*', 'Action': 'lambda:InvokeFunctionUrl', 'Resource': 'arn:aws:lambda:us-east-1:000000000000:function:f', 'Condition': {'StringEquals': {'lambda:FunctionUrlAuthType': 'NONE'}}}
            refused('ResourceConflictException', 409, 'public', lam.add_permission, FunctionName='f', StatementId='public', Action='a', Principal='*')
            lam.add_permission(FunctionName='f', StatementId='s3', Action='lambda:InvokeFunction', Principal='s3.amazonaws.com', SourceArn='arn:aws:s3:::b')
            p = json.loads(lam.get_policy(FunctionName='f')['Policy'])
            assert [x['Sid'] for x in p['Statement']] == ['public', 's3'] and p['Statement'][1]['Principal'] == {'Service': 's3.amazonaws.com'}
            lam.remove_permission(FunctionName='f', StatementId='public')
            lam.remove_permission(FunctionName='f', StatementId='s3')
            refused('ResourceNotFoundException', 404, 'does not exist', lam.get_policy, FunctionName='f')

            assert 'ReservedConcurrentExecutions' not in lam.get_function_concurrency(FunctionName='f')
            assert lam.put_function_concurrency(FunctionName='f', ReservedConcurrentExecutions=5)['ReservedConcurrentExecutions'] == 5
            assert lam.get_function(FunctionName='f')['Concurrency'] == {'ReservedConcurrentExecutions': 5}
            assert lam.get_account_settings()['AccountLimit']['UnreservedConcurrentExecutions'] == 995
            refused('InvalidParameterValueException', 400, '[100]', lam.put_function_concurrency, FunctionName='f', ReservedConcurrentExecutions=901)
            lam.put_function_concurrency(FunctionName='f', ReservedConcurrentExecutions=0)
            lam.delete_function_concurrency(FunctionName='f')

            arn = 'arn:aws:lambda:us-east-1:000000000000:function:f'
            lam.tag_resource(Resource=arn, Tags={'a': '1', 'b': '2'})
            lam.untag_resource(Resource=arn, TagKeys=['a'])
            assert lam.list_tags(Resource=arn)['Tags'] == {'b': '2'}
            assert lam.get_function_configuration(FunctionName='f')['RevisionId'] == revision
            lam.delete_function_url_config(FunctionName='f')
            refused('ResourceNotFoundException', 404, 'does not exist', lam.get_function_url_config, FunctionName='f')
            """);
    }

    [Fact]
    public async Task Invoke_WhatNeedsNoInstance()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async("""
            refused('ResourceNotFoundException', 404, 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:none', lam.invoke, FunctionName='none')
            create()
            assert lam.invoke(FunctionName='f', InvocationType='DryRun')['StatusCode'] == 204
            refused('NotImplementedException', 501, 'InvocationType Event', lam.invoke, FunctionName='f', InvocationType='Event', Payload=b'{}')
            refused('InvalidRequestContentException', 400, 'Could not parse request body into json', lam.invoke, FunctionName='f', Payload=b'{"a":')
            refused('InvalidRequestContentException', 400, 'Could not parse request body into json', lam.invoke, FunctionName='f', Payload=b'{} {}')
            refused('RequestTooLargeException', 413, 'Request must be smaller than 6291456 bytes for the InvokeFunction operation', lam.invoke, FunctionName='f', Payload=b'"' + b'x' * 6291456 + b'"')
            assert lam.invoke(FunctionName='f', InvocationType='DryRun', Payload=b'"' + b'x' * 6291454 + b'"')['StatusCode'] == 204
            assert lam.invoke(FunctionName='f', InvocationType='DryRun', Payload=b'[' * 100000 + b']' * 100000)['StatusCode'] == 204
            refused('InvalidRequestContentException', 400, 'Client context', lam.invoke, FunctionName='f', ClientContext='%%%')
            lam.put_function_concurrency(FunctionName='f', ReservedConcurrentExecutions=0)
            r = refused('TooManyRequestsException', 429, 'Rate Exceeded.', lam.invoke, FunctionName='f')
            assert r['Reason'] == 'ReservedFunctionConcurrentInvocationLimitExceeded', r
            """);
    }

    [Fact]
    public async Task FunctionOfAManifest_HasNoRole_AndCanBeUpdated()
    {
        await using var server = await LambdaServer.StartAsync();
        var function = Functions.FunctionRegistryTests.Make("f");
        await server.Registry.ChangeAsync(function.Key, _ => function, default);
        await server.Boto3Async("""
            assert lam.update_function_configuration(FunctionName='f', MemorySize=256)['MemorySize'] == 256
            lam.update_function_code(FunctionName='f', ZipFile=zip_of(a='1'))
            """);
    }

    [Fact]
    public async Task CommandLine_TheUrlWalkthrough()
    {
        await using var server = await LambdaServer.StartAsync();
        var zip = Path.Combine(server.Packages, "..", "app.zip");
        await File.WriteAllBytesAsync(zip, Functions.CodePackageStoreTests.Zip(("app.py", "x", 0)));
        (string, string[])[] steps =
        [
            ("\"State\": \"Active\"", ["create-function", "--function-name", "hello", "--runtime", "provided.al2023", "--handler", "app.handler", "--role", "arn:aws:iam::000000000000:role/any", "--zip-file", "fileb://" + zip]),
            ("\"FunctionName\": \"hello\"", ["list-functions"]),
            ("InvokeFunctionUrl", ["add-permission", "--function-name", "hello", "--statement-id", "u", "--action", "lambda:InvokeFunctionUrl", "--principal", "*", "--function-url-auth-type", "NONE"]),
            ("/_url/", ["create-function-url-config", "--function-name", "hello", "--auth-type", "NONE"]),
            ("\"MemorySize\": 256", ["update-function-configuration", "--function-name", "hello", "--memory-size", "256"]),
            ("\"FunctionArn\"", ["update-function-code", "--function-name", "hello", "--zip-file", "fileb://" + zip]),
            ("", ["wait", "function-updated", "--function-name", "hello"]),
            ("", ["delete-function", "--function-name", "hello"]),
        ];
        foreach (var (says, arguments) in steps)
        {
            var (code, output) = await server.AwsAsync(arguments);
            code.ShouldBe(0, output);
            output.ShouldContain(says);
        }
    }
}
