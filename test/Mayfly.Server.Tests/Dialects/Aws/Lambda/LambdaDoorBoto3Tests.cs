using Mayfly.Server.Tests.Functions;
using Mayfly.Server.Resources.Objects.Notifications;
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
            assert (f['State'], f['StateReasonCode'], f['PackageType'], f['Architectures']) == ('Pending', 'Creating', 'Zip', ['arm64']) and 'LastUpdateStatus' not in f
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
            assert (u['State'], u['LastUpdateStatus'], u['LastUpdateStatusReasonCode']) == ('Active', 'InProgress', 'Creating'), u
            n = lam.get_function_configuration(FunctionName='hello')
            assert (n['State'], n['LastUpdateStatus']) == ('Active', 'Successful') and 'LastUpdateStatusReasonCode' not in n, n
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
    public async Task Code_ComesFromBuckets()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Objects.Buckets.ApplyAsync(static _ => new() { Put = [new() { Name = "code", Account = "000000000000", Region = "us-east-1", Created = default }] }, default);
        var zip = CodePackageStoreTests.Zip(("bootstrap", "first", 0));
        await using (var body = server.Objects.Writes.Begin(zip.Length))
        {
            await body.WriteAsync(zip, default);
            await server.Objects.Writes.PutAsync(new() { Bucket = server.Objects.Buckets.Current.Get("code"), Key = "a/f.zip", Caller = ObjectCaller.Service("R") }, body, default);
        }

        await server.Boto3Async("""
            f = create(Code={'S3Bucket': 'code', 'S3Key': 'a/f.zip'})
            assert lam.update_function_code(FunctionName='f', ZipFile=zip_of(b='2'))['CodeSha256'] != f['CodeSha256']
            assert lam.update_function_code(FunctionName='f', S3Bucket='code', S3Key='a/f.zip')['CodeSha256'] == f['CodeSha256']
            refused('InvalidParameterValueException', 400, 'S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.', lam.update_function_code, FunctionName='f', S3Bucket='code', S3Key='b')
            v = lam.publish_layer_version(LayerName='l', Content={'S3Bucket': 'code', 'S3Key': 'a/f.zip'})
            assert v['Content']['CodeSha256'] == f['CodeSha256']
            """);
    }

    [Fact]
    public async Task BadRequests_AreRefusedInTheServicesWords_AndLeaveNothing()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async("""
            refused('ValidationException', 400, "1 validation error detected: Value 'bad name' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:", create, name='bad name')
            refused('InvalidParameterValueException', 400, 'length less than or equal to 64', create, name='x' * 65)
            r = refused('InvalidParameterValueException', 400, "Value cobol at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [", create, Runtime='cobol')
            assert 'provided.al2023' in r['Error']['Message']
            refused('ValidationException', 400, "'role'", create, Role='me')
            refused('ValidationException', 400, "null at 'role'", create, Role=None)
            refused('ValidationException', 400, '2 validation errors', create, Timeout=901, MemorySize=1)
            refused('ValidationException', 400, 'architectures', create, Architectures=['mips'])
            refused('InvalidParameterValueException', 400, 'Runtime and Handler are mandatory', create, Handler=None)
            refused('InvalidParameterValueException', 400, 'AWS_REGION', create, Environment={'Variables': {'AWS_REGION': 'x'}})
            refused('InvalidParameterValueException', 400, '4KB', create, Environment={'Variables': {'A1': 'x' * 5000}})
            refused('ValidationException', 400, 'environment', create, Environment={'Variables': {'1': 'x'}})
            refused('InvalidParameterValueException', 400, 'Could not unzip uploaded file', create, Code={'ZipFile': b'no zip'})
            refused('InvalidParameterValueException', 400, 'source for function code', create, Code={})
            refused('InvalidParameterValueException', 400, "'..'", create, Code={'ZipFile': zip_of(**{'../x': 'y'})})
            refused('InvalidParameterValueException', 400, 'Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist', create, Code={'S3Bucket': 'bucket', 'S3Key': 'k'})
            refused('InvalidParameterValueException', 400, 'Please provide a source for function code.', create, Code={'ImageUri': 'i'}, PackageType='Zip')
            refused('InvalidParameterValueException', 400, 'Source image i does not exist. Provide a valid source image.', create, Runtime=None, Handler=None, Code={'ImageUri': 'i'}, PackageType='Image')
            refused('InvalidParameterValueException', 400, 'Source image I is not valid. Provide a valid source image.', create, Runtime=None, Handler=None, Code={'ImageUri': 'I'}, PackageType='Image')
            refused('InvalidParameterValueException', 400, "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.", create, Code={'ImageUri': 'i'}, PackageType='Image')
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
            refused('ResourceConflictException', 409, 'public', lam.add_permission, FunctionName='f', StatementId='public', Action='lambda:InvokeFunction', Principal='*')
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
            assert lam.get_function_configuration(FunctionName='f')['RevisionId'] != revision
            refused('InvalidParameterValueException', 400, 'aliases and versions', lam.tag_resource, Resource=arn + ':$LATEST', Tags={'a': '1'})
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
            refused('InvalidRequestContentException', 400, 'Could not parse request body into json', lam.invoke, FunctionName='f', Payload=b'{"a":')
            refused('InvalidRequestContentException', 400, 'Could not parse request body into json', lam.invoke, FunctionName='f', Payload=b'{} {}')
            refused('RequestTooLargeException', 413, 'Request must be smaller than 6291456 bytes for the InvokeFunction operation', lam.invoke, FunctionName='f', Payload=b'"' + b'x' * 6291456 + b'"')
            assert lam.invoke(FunctionName='f', InvocationType='DryRun', Payload=b'"' + b'x' * 6291454 + b'"')['StatusCode'] == 204
            assert lam.invoke(FunctionName='f', InvocationType='DryRun', Payload=b'[' * 100000 + b']' * 100000)['StatusCode'] == 204
            refused('ValidationException', 400, "1 validation error detected: Value 'All' at 'logType' failed to satisfy constraint: Member must satisfy enum value set: [None, Tail]", lam.invoke, FunctionName='f', LogType='All')
            refused('InvalidRequestContentException', 400, 'Client context', lam.invoke, FunctionName='f', ClientContext='%%%')
            lam.put_function_concurrency(FunctionName='f', ReservedConcurrentExecutions=0)
            r = refused('TooManyRequestsException', 429, 'Rate Exceeded.', lam.invoke, FunctionName='f')
            assert r['Reason'] == 'ReservedFunctionConcurrentInvocationLimitExceeded', r
            """);
    }

    [Fact]
    public async Task VersionsAndAliases_PublishPointMoveAndGo()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async("""
            arn = 'arn:aws:lambda:us-east-1:000000000000:function:f'
            one = create(Publish=True)
            assert one['Version'] == '1' and one['FunctionArn'] == arn, one
            again = lam.publish_version(FunctionName='f', Description='ignored')
            assert again['Version'] == '1' and again['State'] == 'Active' and again['FunctionArn'] == arn + ':1', again
            lam.get_waiter('published_version_active').wait(FunctionName='f', Qualifier='1')

            lam.update_function_configuration(FunctionName='f', MemorySize=256)
            latest = lam.get_function_configuration(FunctionName='f')
            refused('PreconditionFailedException', 412, 'Revision Id', lam.publish_version, FunctionName='f', RevisionId='x')
            refused('InvalidParameterValueException', 400, 'is different from current CodeSHA256 in $LATEST', lam.publish_version, FunctionName='f', CodeSha256='x')
            two = lam.publish_version(FunctionName='f', Description='second', CodeSha256=latest['CodeSha256'], RevisionId=latest['RevisionId'])
            assert (two['Version'], two['Description'], two['State'], two['MemorySize']) == ('2', 'second', 'Pending', 256), two
            assert lam.get_function_configuration(FunctionName='f')['RevisionId'] != latest['RevisionId']
            assert lam.get_function(FunctionName='f:1')['Configuration']['MemorySize'] == 128
            assert lam.update_function_code(FunctionName='f', ZipFile=zip_of(b='2'), Publish=True)['FunctionArn'] == arn + ':3'
            refused('InvalidParameterValueException', 400, 'Aliases and versions do not support', lam.update_function_configuration, FunctionName='f:1', MemorySize=512)

            listed = [v['FunctionArn'] for p in lam.get_paginator('list_versions_by_function').paginate(FunctionName='f', PaginationConfig={'PageSize': 3}) for v in p['Versions']]
            assert listed == [arn + ':' + v for v in ('$LATEST', '1', '2', '3')], listed
            create('g')
            every = [v['FunctionArn'] for p in lam.get_paginator('list_functions').paginate(FunctionVersion='ALL', PaginationConfig={'PageSize': 2}) for v in p['Functions']]
            assert every == listed + [arn[:-1] + 'g:$LATEST'], every

            a = lam.create_alias(FunctionName='f', Name='live', FunctionVersion='1', Description='d', RoutingConfig={'AdditionalVersionWeights': {'2': 0.1}})
            assert a['ResponseMetadata']['HTTPStatusCode'] == 201 and a['AliasArn'] == arn + ':live' and a['RoutingConfig'] == {'AdditionalVersionWeights': {'2': 0.1}}, a
            refused('ResourceConflictException', 409, 'Alias already exists: ' + arn + ':live', lam.create_alias, FunctionName='f', Name='live', FunctionVersion='1')
            refused('ResourceNotFoundException', 404, 'Function not found: ' + arn + ':9', lam.create_alias, FunctionName='f', Name='new', FunctionVersion='9')
            weights = lambda **w: dict(FunctionName='f', Name='new', FunctionVersion='1', RoutingConfig={'AdditionalVersionWeights': {k[1:]: v for k, v in w.items()}})
            refused('InvalidParameterValueException', 400, 'already included', lam.create_alias, **weights(v1=0.5))
            refused('InvalidParameterValueException', 400, 'cannot be greater than 1', lam.create_alias, **weights(v2=0.5, v3=0.1))
            refused('ResourceNotFoundException', 404, arn + ':9', lam.create_alias, **weights(v9=0.5))
            refused('InvalidParameterValueException', 400, '$LATEST is not supported', lam.create_alias, FunctionName='f', Name='new', FunctionVersion='$LATEST', RoutingConfig={'AdditionalVersionWeights': {'2': 0.5}})
            assert lam.get_function(FunctionName='f', Qualifier='live')['Configuration']['Version'] == '1'
            assert lam.get_function_configuration(FunctionName='f:live')['FunctionArn'] == arn + ':live'
            refused('ResourceConflictException', 409, 'live', lam.delete_function, FunctionName='f', Qualifier='2')
            refused('InvalidParameterValueException', 400, '$LATEST version cannot be deleted', lam.delete_function, FunctionName='f', Qualifier='$LATEST')
            refused('PreconditionFailedException', 412, 'Revision Id', lam.update_alias, FunctionName='f', Name='live', RevisionId='x')
            b = lam.update_alias(FunctionName='f', Name='live', FunctionVersion='3', RoutingConfig={}, RevisionId=a['RevisionId'])
            assert (b['FunctionVersion'], b['Description'], b.get('RoutingConfig')) == ('3', 'd', None) and b['RevisionId'] != a['RevisionId'], b
            assert lam.get_alias(FunctionName='f', Name='live')['RevisionId'] == b['RevisionId']
            refused('ResourceNotFoundException', 404, 'Cannot find alias arn: ' + arn + ':no', lam.get_alias, FunctionName='f', Name='no')
            lam.create_alias(FunctionName='f', Name='beta', FunctionVersion='2')
            assert [x['Name'] for x in lam.list_aliases(FunctionName='f')['Aliases']] == ['beta', 'live']
            assert [x['Name'] for x in lam.list_aliases(FunctionName='f', FunctionVersion='3')['Aliases']] == ['live']
            first = lam.list_aliases(FunctionName='f', MaxItems=1)
            assert [x['Name'] for x in lam.list_aliases(FunctionName='f', Marker=first['NextMarker'])['Aliases']] == ['live']

            u = lam.create_function_url_config(FunctionName='f', Qualifier='live', AuthType='NONE')
            assert u['FunctionArn'] == arn + ':live', u
            refused('ResourceNotFoundException', 404, 'does not exist', lam.get_function_url_config, FunctionName='f')
            refused('ResourceNotFoundException', 404, 'Function does not exist', lam.create_function_url_config, FunctionName='f', Qualifier='no', AuthType='NONE')
            refused('InvalidParameterValueException', 400, 'policies for $LATEST', lam.add_permission, FunctionName='f:$LATEST', StatementId='s', Action='lambda:InvokeFunction', Principal='*')
            lam.add_permission(FunctionName='f:live', StatementId='s', Action='lambda:InvokeFunction', Principal='*')
            assert lam.get_alias(FunctionName='f', Name='live')['RevisionId'] == lam.get_policy(FunctionName='f', Qualifier='live')['RevisionId'] != b['RevisionId']
            refused('ResourceNotFoundException', 404, 'does not exist', lam.get_policy, FunctionName='f')

            lam.delete_alias(FunctionName='f', Name='beta')
            lam.delete_alias(FunctionName='f', Name='beta')
            lam.delete_function(FunctionName='f', Qualifier='2')
            refused('ResourceNotFoundException', 404, arn + ':2', lam.get_function, FunctionName='f', Qualifier='2')
            lam.update_function_configuration(FunctionName='f', MemorySize=300)
            assert lam.publish_version(FunctionName='f')['Version'] == '4'
            assert lam.invoke(FunctionName='f:live', InvocationType='DryRun')['ExecutedVersion'] == '3'
            """);
    }

    [Fact]
    public async Task SettingsThatNothingUses_AreKeptAndReturned()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async("""
            f = create(
                TracingConfig={'Mode': 'Active'}, KMSKeyArn='arn:aws:kms:us-east-1:000000000000:key/k', SnapStart={'ApplyOn': 'PublishedVersions'},
                DeadLetterConfig={'TargetArn': 'arn:aws:sqs:us-east-1:000000000000:q'}, VpcConfig={'SubnetIds': ['subnet-1'], 'SecurityGroupIds': ['sg-1']},
                FileSystemConfigs=[{'Arn': 'arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0', 'LocalMountPath': '/mnt/a'}])
            assert f['TracingConfig'] == {'Mode': 'Active'} and f['KMSKeyArn'].endswith('key/k') and f['SnapStart'] == {'ApplyOn': 'PublishedVersions', 'OptimizationStatus': 'Off'}, f
            assert f['DeadLetterConfig'] == {'TargetArn': 'arn:aws:sqs:us-east-1:000000000000:q'} and f['FileSystemConfigs'][0]['LocalMountPath'] == '/mnt/a', f
            assert f['VpcConfig']['SubnetIds'] == ['subnet-1'] and f['VpcConfig']['SecurityGroupIds'] == ['sg-1'], f
            assert f['RevisionId'] == lam.get_function_configuration(FunctionName='f')['RevisionId']
            refused('InvalidParameterValueException', 400, 'neither an SQS queue nor an SNS topic', lam.update_function_configuration, FunctionName='f', DeadLetterConfig={'TargetArn': 'arn:aws:s3:::b'})
            g = lam.update_function_configuration(FunctionName='f', DeadLetterConfig={}, KMSKeyArn='', VpcConfig={'SubnetIds': [], 'SecurityGroupIds': []}, FileSystemConfigs=[], TracingConfig={'Mode': 'PassThrough'}, SnapStart={'ApplyOn': 'None'})
            assert not {'DeadLetterConfig', 'KMSKeyArn', 'VpcConfig', 'FileSystemConfigs'} & set(g) and g['TracingConfig'] == {'Mode': 'PassThrough'}, g
            """);
        var logging = await server.Http.PutAsync("/2015-03-31/functions/f/configuration", new StringContent("""{"LoggingConfig":{"LogFormat":"JSON","SystemLogLevel":"WARN"}}"""));
        (await logging.Content.ReadAsStringAsync()).ShouldContain("""
            "LoggingConfig":{"LogFormat":"JSON","ApplicationLogLevel":"INFO","SystemLogLevel":"WARN","LogGroup":"/aws/lambda/f"}
            """.Trim());
        logging = await server.Http.PutAsync("/2015-03-31/functions/f/configuration", new StringContent("""{"LoggingConfig":{"LogFormat":"Text","LogGroup":"/mine"}}"""));
        (await logging.Content.ReadAsStringAsync()).ShouldContain("""
            "LoggingConfig":{"LogFormat":"Text","LogGroup":"/mine"}
            """.Trim());
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
            ("\"State\": \"Pending\"", ["create-function", "--function-name", "hello", "--runtime", "provided.al2023", "--handler", "app.handler", "--role", "arn:aws:iam::000000000000:role/any", "--zip-file", "fileb://" + zip]),
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
