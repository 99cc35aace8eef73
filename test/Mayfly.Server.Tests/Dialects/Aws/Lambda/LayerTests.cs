using Mayfly.Server.Functions;

namespace Mayfly.Server.Tests.Dialects.Aws.Lambda;

/// <summary>Layers as boto3 sees them.</summary>
public sealed class LayerTests
{
    [Fact]
    public async Task LayerVersions_ArePublishedShownListedAndDeleted()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async(
            """
            zip1, zip2 = zip_of(a__txt='one'), zip_of(a__txt='two')
            made = lam.publish_layer_version(LayerName='tools', Description='d', Content={'ZipFile': zip1}, CompatibleRuntimes=['python3.11'], CompatibleArchitectures=['x86_64'], LicenseInfo='MIT')
            arn = 'arn:aws:lambda:us-east-1:000000000000:layer:tools'
            assert made['ResponseMetadata']['HTTPStatusCode'] == 201
            assert (made['LayerArn'], made['LayerVersionArn'], made['Version']) == (arn, arn + ':1', 1), made
            assert made['Description'] == 'd' and made['LicenseInfo'] == 'MIT' and made['CompatibleRuntimes'] == ['python3.11'] and made['CompatibleArchitectures'] == ['x86_64']
            content = made['Content']
            assert content['CodeSize'] == len(zip1) and content['CodeSha256'] == base64.b64encode(hashlib.sha256(zip1).digest()).decode()
            assert urllib.request.urlopen(content['Location']).read() == zip1
            assert made['CreatedDate'].endswith('+0000')
            second = lam.publish_layer_version(LayerName='tools', Content={'ZipFile': zip2}, CompatibleRuntimes=[], CompatibleArchitectures=[])
            assert second['Version'] == 2 and second['CompatibleRuntimes'] == [] and second['CompatibleArchitectures'] == [] and second['Description'] == ''
            bare = lam.publish_layer_version(LayerName='other', Content={'ZipFile': zip2})
            assert 'CompatibleRuntimes' not in bare and 'LicenseInfo' not in bare, bare

            shown = {k: v for k, v in made.items() if k != 'ResponseMetadata'}
            for got in (lam.get_layer_version(LayerName='tools', VersionNumber=1), lam.get_layer_version(LayerName=arn, VersionNumber=1), lam.get_layer_version_by_arn(Arn=arn + ':1')):
                assert {k: v for k, v in got.items() if k != 'ResponseMetadata'} == shown, got

            versions = lam.list_layer_versions(LayerName='tools')['LayerVersions']
            assert [v['Version'] for v in versions] == [2, 1] and 'Content' not in versions[0], versions
            assert [v['Version'] for v in lam.list_layer_versions(LayerName='tools', CompatibleRuntime='python3.11')['LayerVersions']] == [1]
            assert lam.list_layer_versions(LayerName='none')['LayerVersions'] == []
            layers = lam.list_layers()['Layers']
            assert [(l['LayerName'], l['LatestMatchingVersion']['Version']) for l in layers] == [('other', 1), ('tools', 2)], layers
            assert [(l['LayerArn'], l['LatestMatchingVersion']['Version']) for l in lam.list_layers(CompatibleArchitecture='x86_64')['Layers']] == [(arn, 1)]
            pages = [p['Layers'] for p in lam.get_paginator('list_layers').paginate(PaginationConfig={'PageSize': 1})]
            assert [[l['LayerName'] for l in p] for p in pages] == [['other'], ['tools']], pages
            pages = [p['LayerVersions'] for p in lam.get_paginator('list_layer_versions').paginate(LayerName='tools', PaginationConfig={'PageSize': 1})]
            assert [[v['Version'] for v in p] for p in pages] == [[2], [1]], pages

            for _ in range(2):
                assert lam.delete_layer_version(LayerName='tools', VersionNumber=2)['ResponseMetadata']['HTTPStatusCode'] == 204
            assert lam.delete_layer_version(LayerName='none', VersionNumber=7)['ResponseMetadata']['HTTPStatusCode'] == 204
            refused('InvalidParameterValueException', 400, 'Layer Version Cannot be less than 1', lam.delete_layer_version, LayerName='tools', VersionNumber=-1)
            assert lam.publish_layer_version(LayerName='tools', Content={'ZipFile': zip1})['Version'] == 3
            missing = 'The resource you requested does not exist.'
            refused('ResourceNotFoundException', 404, missing, lam.get_layer_version, LayerName='tools', VersionNumber=2)
            refused('ResourceNotFoundException', 404, missing, lam.get_layer_version_by_arn, Arn=arn + ':2')
            refused('InvalidParameterValueException', 400, 'Layer Version Cannot be less than 1', lam.get_layer_version, LayerName='tools', VersionNumber=0)
            refused('ValidationException', 400, "at 'arn' failed to satisfy constraint", lam.get_layer_version_by_arn, Arn=arn)
            refused('InvalidParameterValueException', 400, 'Could not unzip uploaded file', lam.publish_layer_version, LayerName='bad', Content={'ZipFile': b'no zip'})
            assert lam.get_account_settings()['AccountUsage']['TotalCodeSize'] == 2 * len(zip1) + len(zip2)
            """);
    }

    [Fact]
    public async Task PolicyOfALayerVersion_IsKeptWithRevisions_AndLetsOtherAccountsIn()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async(
            """
            lam.publish_layer_version(LayerName='p', Content={'ZipFile': zip_of(a__txt='x')})
            arn = 'arn:aws:lambda:us-east-1:000000000000:layer:p:1'
            me = dict(LayerName='p', VersionNumber=1)
            say = dict(me, Action='lambda:GetLayerVersion', Principal='*')
            stranger = client(aws_access_key_id='111111111111', aws_secret_access_key='x')
            refused('AccessDeniedException', 403, 'not authorized to perform: lambda:GetLayerVersion on resource: ' + arn, stranger.get_layer_version_by_arn, Arn=arn)
            refused('AccessDeniedException', 403, 'no resource-based policy allows', stranger.create_function, FunctionName='f', Runtime='provided', Handler='x', Role=ROLE, Code={'ZipFile': zip_of(bootstrap='x')}, Layers=[arn])
            refused('ResourceNotFoundException', 404, 'No policy is associated with the given resource.', lam.get_layer_version_policy, **me)
            one = lam.add_layer_version_permission(**say, StatementId='s1')
            assert one['ResponseMetadata']['HTTPStatusCode'] == 201
            assert json.loads(one['Statement']) == {'Sid': 's1', 'Effect': 'Allow', 'Principal': '*', 'Action': 'lambda:GetLayerVersion', 'Resource': arn}, one
            assert stranger.get_layer_version_by_arn(Arn=arn)['Version'] == 1
            assert stranger.create_function(FunctionName='f', Runtime='provided', Handler='x', Role=ROLE, Code={'ZipFile': zip_of(bootstrap='x')}, Layers=[arn])['Layers'][0]['Arn'] == arn
            got = lam.get_layer_version_policy(**me)
            assert got['RevisionId'] == one['RevisionId'] and json.loads(got['Policy']) == {'Version': '2012-10-17', 'Id': 'default', 'Statement': [json.loads(one['Statement'])]}, got
            refused('ResourceConflictException', 409, 'The statement id (s1) provided already exists. Please provide a new statement id, or remove the existing statement.', lam.add_layer_version_permission, **say, StatementId='s1')
            stale = 'The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id'
            refused('PreconditionFailedException', 412, stale, lam.add_layer_version_permission, **say, StatementId='s2', RevisionId='wrong')
            refused('ValidationException', 400, "Value '*' at 'action'", lam.add_layer_version_permission, **dict(say, Action='*'), StatementId='s2')
            two = lam.add_layer_version_permission(**dict(say, Principal='222222222222'), StatementId='s2', OrganizationId='o-0123456789', RevisionId=one['RevisionId'])
            assert two['RevisionId'] != one['RevisionId']
            assert json.loads(two['Statement'])['Principal'] == {'AWS': 'arn:aws:iam::222222222222:root'}
            assert json.loads(two['Statement'])['Condition'] == {'StringEquals': {'aws:PrincipalOrgID': 'o-0123456789'}}
            for who, number in (('gone', 1), ('p', 2)):
                text = f'Layer version arn:aws:lambda:us-east-1:000000000000:layer:{who}:{number} does not exist.'
                there = dict(LayerName=who, VersionNumber=number)
                refused('ResourceNotFoundException', 404, text, lam.get_layer_version_policy, **there)
                refused('ResourceNotFoundException', 404, text, lam.add_layer_version_permission, **dict(say, **there), StatementId='s')
                refused('ResourceNotFoundException', 404, text, lam.remove_layer_version_permission, **there, StatementId='s')
            refused('ResourceNotFoundException', 404, 'Statement nobody is not found in resource policy.', lam.remove_layer_version_permission, **me, StatementId='nobody')
            refused('PreconditionFailedException', 412, stale, lam.remove_layer_version_permission, **me, StatementId='s2', RevisionId=one['RevisionId'])
            assert lam.remove_layer_version_permission(**me, StatementId='s2', RevisionId=two['RevisionId'])['ResponseMetadata']['HTTPStatusCode'] == 204
            assert lam.get_layer_version_policy(**me)['RevisionId'] not in (one['RevisionId'], two['RevisionId'])
            """);
    }

    [Fact]
    public async Task LayersOfAFunction_AreCheckedKeptAndShown()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async(
            """
            def publish(name, **more):
                return lam.publish_layer_version(LayerName=name, Content={'ZipFile': zip_of(**(more or {'a__txt': name}))})['LayerVersionArn']
            a, b, a2 = publish('a'), publish('b'), publish('a')
            made = create('f', Layers=[b, a])
            assert [l['Arn'] for l in made['Layers']] == [b, a] and all(l['CodeSize'] > 0 for l in made['Layers']), made
            assert lam.get_function_configuration(FunctionName='f')['Layers'] == made['Layers'] == lam.list_functions()['Functions'][0]['Layers']
            assert 'Layers' not in create('plain')

            wrong = 'InvalidParameterValueException'
            def no(text, *layers, kind=wrong):
                refused(kind, 400, text, create, name='no', Layers=list(layers))
                refused(kind, 400, text, lam.update_function_configuration, FunctionName='f', Layers=list(layers))
            no(f'Two different versions of the same layer are not allowed to be referenced in the same function. {a} and {a2} are versions of the same layer.', a, a2)
            no(f'{a} and {a} are versions of the same layer.', a, a)
            no('Cannot reference more than 5 layers.', *[a] * 6)
            no('Layer version arn:aws:lambda:us-east-1:000000000000:layer:none:1 does not exist.', 'arn:aws:lambda:us-east-1:000000000000:layer:none:1')
            no(f'Layer version {b[:-1]}9 does not exist.', b[:-1] + '9')
            no('Layers are not in the same region as the function. Layers are expected to be in region us-east-1.', a.replace('us-east-1', 'eu-west-1'))
            no("at 'layers' failed to satisfy constraint", a[:-2], kind='ValidationException')

            lam.delete_layer_version(LayerName='a', VersionNumber=1)
            assert lam.get_function_configuration(FunctionName='f')['Layers'] == made['Layers']
            assert lam.update_function_configuration(FunctionName='f', Timeout=9)['Layers'] == made['Layers']
            no(f'Layer version {a} does not exist.', a)
            assert [l['Arn'] for l in lam.update_function_configuration(FunctionName='f', Layers=[a2])['Layers']] == [a2]
            assert 'Layers' not in lam.update_function_configuration(FunctionName='f', Layers=[])
            """);
    }

    [Fact]
    public async Task LayersAndCodeTogether_HaveTheLimitOfAWS()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async(
            """
            def zeros(megabytes, name='zeros'):
                out = io.BytesIO()
                with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
                    z.writestr(name, b'\0' * megabytes * 1024 * 1024)
                return out.getvalue()
            one = lam.publish_layer_version(LayerName='one', Content={'ZipFile': zeros(90, 'one')})['LayerVersionArn']
            two = lam.publish_layer_version(LayerName='two', Content={'ZipFile': zeros(90, 'two')})['LayerVersionArn']
            three = lam.publish_layer_version(LayerName='three', Content={'ZipFile': zeros(90, 'three')})['LayerVersionArn']
            big = {'ZipFile': zeros(80)}
            refused('InvalidParameterValueException', 400, 'Layers consume more than the available size of 262144000 bytes', create, Layers=[one, two, three])
            refused('InvalidParameterValueException', 400, 'Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 272629760 bytes.', create, Layers=[one, two], Code=big)
            create(Layers=[one, two])
            refused('InvalidParameterValueException', 400, 'The actual size is 272629760 bytes.', lam.update_function_code, FunctionName='f', ZipFile=big['ZipFile'])
            create('g', Code=big)
            refused('InvalidParameterValueException', 400, 'The actual size is 272629760 bytes.', lam.update_function_configuration, FunctionName='g', Layers=[one, two])
            """);
    }

    [Fact]
    public async Task FunctionsLayers_SurviveARestart_AndAreReferences()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async(
            """
            for name in 'ab':
                lam.publish_layer_version(LayerName=name, Content={'ZipFile': zip_of(**{name: name})})
            create(Layers=['arn:aws:lambda:us-east-1:000000000000:layer:a:1', 'arn:aws:lambda:us-east-1:000000000000:layer:b:1'])
            for name in 'ab':
                lam.delete_layer_version(LayerName=name, VersionNumber=1)
            """);
        var latest = server.Registry.Table.Current.Functions.Values.Single().Latest;
        latest.Layers.Length.ShouldBe(2);
        var kept = CodeReferences.Of(server.Registry.Table.Current, server.Layers.Current);

        // The code, two layers, and the tree that shows them together.
        kept.Count.ShouldBe(4);
        using var again = new FunctionRegistry(server.Database);
        again.Table.Current.Functions.Values.Single().Latest.Layers.ShouldBe(latest.Layers);
        CodeReferences.Of(again.Table.Current, server.Layers.Current).ShouldBe(kept, ignoreOrder: true);
    }
}
