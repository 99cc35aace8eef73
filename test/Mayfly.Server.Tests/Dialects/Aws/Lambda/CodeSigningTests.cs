namespace Mayfly.Server.Tests.Dialects.Aws.Lambda;

/// <summary>Code signing configurations as boto3 sees them.</summary>
public sealed class CodeSigningTests
{
    [Fact]
    public async Task Configurations_AreKept_AndEnforceRefusesUnsignedCode()
    {
        await using var server = await LambdaServer.StartAsync();
        await server.Boto3Async(
            """
            profile = 'arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/abcdefghij'
            def make(**more):
                return lam.create_code_signing_config(AllowedPublishers={'SigningProfileVersionArns': [profile]}, **more)['CodeSigningConfig']
            warn = make(Description='d')
            arn = warn['CodeSigningConfigArn']
            assert arn == 'arn:aws:lambda:us-east-1:000000000000:code-signing-config:' + warn['CodeSigningConfigId'] and len(warn['CodeSigningConfigId']) == 21, warn
            assert warn['CodeSigningPolicies'] == {'UntrustedArtifactOnDeployment': 'Warn'} and warn['Description'] == 'd' and warn['LastModified'], warn
            assert lam.get_code_signing_config(CodeSigningConfigArn=arn)['CodeSigningConfig'] == warn
            enforce = make(CodeSigningPolicies={'UntrustedArtifactOnDeployment': 'Enforce'})['CodeSigningConfigArn']
            assert sorted(c['CodeSigningConfigArn'] for p in lam.get_paginator('list_code_signing_configs').paginate(PaginationConfig={'PageSize': 1}) for c in p['CodeSigningConfigs']) == sorted([arn, enforce])
            assert client(region_name='eu-west-1').list_code_signing_configs()['CodeSigningConfigs'] == []

            refused('CodeVerificationFailedException', 400, 'Check the provided signature for no.', create, name='no', CodeSigningConfigArn=enforce)
            gone = arn[:-3] + 'zzz'
            refused('CodeSigningConfigNotFoundException', 404, f'The code signing configuration cannot be found. Check that the provided configuration is not deleted: {gone}.', create, name='no', CodeSigningConfigArn=gone)
            create('f', CodeSigningConfigArn=arn)
            got = lam.get_function_code_signing_config(FunctionName='f')
            assert (got['CodeSigningConfigArn'], got['FunctionName']) == (arn, 'f')
            assert lam.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)['FunctionArns'] == ['arn:aws:lambda:us-east-1:000000000000:function:f']
            lam.update_function_code(FunctionName='f', ZipFile=zip_of(bootstrap='y'))

            assert lam.put_function_code_signing_config(FunctionName='f', CodeSigningConfigArn=enforce)['CodeSigningConfigArn'] == enforce
            refused('CodeVerificationFailedException', 400, 'Check the provided signature for f.', lam.update_function_code, FunctionName='f', ZipFile=zip_of(bootstrap='z'))
            layer = lam.publish_layer_version(LayerName='l', Content={'ZipFile': zip_of(a='a')})['LayerVersionArn']
            refused('CodeVerificationFailedException', 400, 'signature', lam.update_function_configuration, FunctionName='f', Layers=[layer])
            lam.update_function_configuration(FunctionName='f', Timeout=4)
            refused('ResourceConflictException', 409, 'in use by 1 function', lam.delete_code_signing_config, CodeSigningConfigArn=enforce)
            changed = lam.update_code_signing_config(CodeSigningConfigArn=enforce, Description='soft', CodeSigningPolicies={'UntrustedArtifactOnDeployment': 'Warn'})['CodeSigningConfig']
            assert changed['Description'] == 'soft' and changed['AllowedPublishers'] == {'SigningProfileVersionArns': [profile]}
            lam.update_function_code(FunctionName='f', ZipFile=zip_of(bootstrap='z'))

            lam.delete_function_code_signing_config(FunctionName='f')
            assert 'CodeSigningConfigArn' not in lam.get_function_code_signing_config(FunctionName='f')
            assert lam.delete_code_signing_config(CodeSigningConfigArn=enforce)['ResponseMetadata']['HTTPStatusCode'] == 204
            for call in (lam.get_code_signing_config, lam.update_code_signing_config, lam.delete_code_signing_config, lam.list_functions_by_code_signing_config):
                refused('ResourceNotFoundException', 404, f'The Lambda code signing configuration {enforce} can not be found.', call, CodeSigningConfigArn=enforce)
            refused('CodeSigningConfigNotFoundException', 404, enforce, lam.put_function_code_signing_config, FunctionName='f', CodeSigningConfigArn=enforce)
            refused('ResourceNotFoundException', 404, 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:none', lam.put_function_code_signing_config, FunctionName='none', CodeSigningConfigArn=arn)
            """);
    }
}
