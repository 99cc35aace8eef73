using Mayfly.Server.Functions;
using Mayfly.Server.Services;

namespace Mayfly.Server.Tests.Services;

/// <summary>The keys that became active with the Lambda API's own settings.</summary>
public sealed class ManifestSettingsTests
{
    private const string Sink = "arn:aws:sqs:us-east-1:000000000000:dead";
    private const string Key = "arn:aws:kms:us-east-1:000000000000:key/a";
    private const string Mount = "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0";

    [Fact]
    public void ProvidersSettings_AreThoseOfFunctionsThatSayNothing()
    {
        using var folder = new ServiceFolder($$"""
            service: shop
            provider:
              name: aws
              runtime: python3.12
              tracing: { lambda: true }
              kmsKeyArn: {{Key}}
              logs: { lambda: { logFormat: JSON, systemLogLevel: WARN } }
              vpc: { securityGroupIds: [sg-1], subnetIds: [subnet-1, subnet-2] }
            functions:
              plain: { handler: a.b }
              own:
                handler: a.b
                tracing: PassThrough
                kmsKeyArn: {{Key}}2
                logs: { logGroup: /shop/own }
                vpc: { subnetIds: subnet-3, ipv6AllowedForDualStack: true }
                onError: !Sub 'arn:aws:sns:${AWS::Region}:${AWS::AccountId}:failed'
                fileSystemConfig: { arn: {{Mount}}, localMountPath: /mnt/data }
                snapStart: true
              apart: { handler: a.b, vpc: ~, tracing: false }
            """);
        var manifest = folder.Read();
        manifest.Notices.ShouldHaveSingleItem().Message.ShouldBe("functions.own.fileSystemConfig is kept, but no file system is mounted at /mnt/data yet.");
        manifest.Inactive.ShouldBeEmpty();

        var plain = manifest.Functions[0].Config;
        (plain.Tracing, plain.KmsKeyArn, plain.DeadLetterArn, plain.SnapStart).ShouldBe(("Active", Key, null, null));
        plain.Logging.ShouldBe(new() { Format = "JSON", ApplicationLevel = "INFO", SystemLevel = "WARN" });
        plain.Vpc!.SecurityGroupIds.ShouldBe(["sg-1"]);
        plain.Vpc.SubnetIds.ShouldBe(["subnet-1", "subnet-2"]);
        manifest.Functions[0].Alias.ShouldBeNull();

        var own = manifest.Functions[1].Config;
        (own.Tracing, own.KmsKeyArn, own.DeadLetterArn, own.SnapStart).ShouldBe(("PassThrough", Key + "2", "arn:aws:sns:us-east-1:000000000000:failed", "PublishedVersions"));
        own.Logging.ShouldBe(new() { Format = "Text", Group = "/shop/own" });
        own.Vpc!.SecurityGroupIds.ShouldBe(["sg-1"]);
        own.Vpc.SubnetIds.ShouldBe(["subnet-3"]);
        own.Vpc.Ipv6AllowedForDualStack.ShouldBeTrue();
        own.FileSystems.ShouldBe([new FileSystemMount(Mount, "/mnt/data")]);
        manifest.Functions[1].Alias.ShouldBe(new("snapstart", null));

        (manifest.Functions[2].Config.Vpc, manifest.Functions[2].Config.Tracing).ShouldBe((null, "Active"));
    }

    [Fact]
    public void AsyncSettings_NameFunctionsByTheirKeys()
    {
        using var folder = new ServiceFolder($$"""
            service: shop
            provider: { name: aws, runtime: python3.12 }
            functions:
              order:
                handler: a.b
                maximumRetryAttempts: 0
                maximumEventAge: 60
                destinations: { onSuccess: audit, onFailure: { type: sqs, arn: {{Sink}} } }
              audit:
                handler: a.b
                name: the-auditor
                provisionedConcurrency: { executions: 2, alias: live }
                destinations: { onFailure: arn:aws:s3:::failures }
              pay:
                handler: a.b
                provisionedConcurrency: 1
                destinations: { onFailure: order }
                versionFunction: true
              off: { handler: a.b, provisionedConcurrency: 0 }
            """);
        var manifest = folder.Read();
        manifest.Notices.ShouldBeEmpty();
        manifest.Functions.Select(static function => function.Async).ShouldBe(
        [
            new() { MaximumRetryAttempts = 0, MaximumEventAgeSeconds = 60, OnSuccess = "the-auditor:live", OnFailure = Sink },
            new() { OnFailure = "arn:aws:s3:::failures" },
            new() { OnFailure = "shop-dev-order" },
            null,
        ]);
        manifest.Functions.Select(static function => function.Alias).ShouldBe([null, new("live", 2), new("provisioned", 1), null]);
        manifest.Functions.Select(static function => function.KeepsVersions).ShouldBe([false, false, true, false]);
    }

    [Fact]
    public void WhatOnlyADeploymentToAwsKnows_IsLeftOutWithANotice()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            onError: !Ref Topic
            kmsKeyArn: ${ssm:/key}
            vpc: { securityGroupIds: [!GetAtt Group.GroupId], subnetIds: '${ssm:/subnets}' }
            destinations: { onSuccess: !GetAtt Queue.Arn, onFailure: { type: sns, arn: !Ref Topic } }
            fileSystemConfig: { arn: !GetAtt Point.Arn, localMountPath: /mnt/data }
            """));
        var manifest = folder.Read();
        var (config, async) = (manifest.Functions[0].Config, manifest.Functions[0].Async);
        (config.DeadLetterArn, config.KmsKeyArn, config.Vpc, config.FileSystems.Length, async).ShouldBe((null, null, null, 0, null));
        manifest.Notices.Where(static notice => notice.Message.EndsWith("; it is left out.", StringComparison.Ordinal)).Select(static notice => $"{notice.Line}: {notice.Message.Split(' ')[0]} {(notice.Message.Contains("AWS knows", StringComparison.Ordinal) ? "aws" : "here")}").ShouldBe(
        [
            "8: functions.hello.onError aws",
            "9: functions.hello.kmsKeyArn here",
            "10: functions.hello.vpc.securityGroupIds aws",
            "10: functions.hello.vpc.subnetIds here",
            "11: functions.hello.destinations.onSuccess aws",
            "11: functions.hello.destinations.onFailure.arn aws",
            "12: functions.hello.fileSystemConfig.arn aws",
        ], ignoreOrder: true);
        manifest.Inactive.ShouldContain(new InactivePart("functions.hello.kmsKeyArn", "\"${ssm:/key}\""));
    }

    [Fact]
    public void VersionFunctionsOfTheProvider_HoldsForFunctionsThatSayNothing()
    {
        using var folder = new ServiceFolder("service: shop\nprovider: { name: aws, runtime: python3.12, versionFunctions: true }\nfunctions:\n  a: { handler: a.b }\n  b: { handler: a.b, versionFunction: false }\n");
        folder.Read().Functions.Select(static function => function.KeepsVersions).ShouldBe([true, false]);
    }

    [Theory]
    [InlineData("tracing: On", "tracing: must be Active or PassThrough, not \"On\".")]
    [InlineData("kmsKeyArn: key", "kmsKeyArn: \"key\" cannot be used: it must be the ARN of a KMS key.")]
    [InlineData("onError: arn:aws:lambda:us-east-1:000000000000:function:x", "onError: \"arn:aws:lambda:us-east-1:000000000000:function:x\" cannot be used: it must be the ARN of an SNS topic or an SQS queue.")]
    [InlineData("onError: [a]", "onError: must be a text, not a list.")]
    [InlineData("vpc: { securityGroups: [sg-1] }", "vpc.securityGroups: the key \"securityGroups\" is not known; did you mean \"securityGroupIds\"?")]
    [InlineData("vpc: { subnetIds: [net] }", "vpc.subnetIds: \"net\" cannot be used: it must be the id of a subnet such as subnet-0a1b2c.")]
    [InlineData("vpc: { securityGroupIds: [sg-1, sg-2, sg-3, sg-4, sg-5, sg-6] }", "vpc.securityGroupIds: there are 6; 5 are allowed.")]
    [InlineData("snapStart: maybe", "snapStart: must be true or false, not \"maybe\".")]
    [InlineData("logs: { logFormat: XML }", "logs.logFormat: must be JSON or Text, not \"XML\".")]
    [InlineData("logs: { applicationLogLevel: DEBUG }", "logs.applicationLogLevel: needs logFormat: JSON beside it; plain text has no levels.")]
    [InlineData("logs: { logFormat: JSON, systemLogLevel: ERROR }", "logs.systemLogLevel: must be DEBUG or INFO or WARN, not \"ERROR\".")]
    [InlineData("logs: { logGroup: 'a b' }", "logs.logGroup: \"a b\" cannot be used: letters, digits and . - _ / # only, at most 512.")]
    [InlineData("fileSystemConfig: { localMountPath: /mnt/a }", "fileSystemConfig.arn: is missing.")]
    [InlineData("fileSystemConfig: { arn: " + Mount + ", localMountPath: /data }", "fileSystemConfig.localMountPath: \"/data\" cannot be used: a name below /mnt/, for example /mnt/shared.")]
    [InlineData("fileSystemConfig: { arn: " + Mount + ", localMountPath: /mnt/a }", "fileSystemConfig: needs a vpc in the function or in the provider.")]
    [InlineData("maximumRetryAttempts: 3", "maximumRetryAttempts: must be a whole number from 0 to 2, not 3.")]
    [InlineData("maximumEventAge: 59", "maximumEventAge: must be a whole number from 60 to 21600 seconds, not 59.")]
    [InlineData("destinations: { onError: x }", "destinations.onError: the key \"onError\" is not known; known are onSuccess, onFailure.")]
    [InlineData("destinations: { onSuccess: helo }", "destinations.onSuccess: \"helo\" is neither an ARN nor a function of this service; did you mean \"hello\"?")]
    [InlineData("destinations: { onSuccess: hello }", "destinations.onSuccess: a function cannot be its own destination.")]
    [InlineData("destinations: { onSuccess: arn:aws:s3:::b }", "destinations.onSuccess: \"arn:aws:s3:::b\" is no destination: it is the ARN of a function, queue, topic or event bus, or a function's key.")]
    [InlineData("destinations: { onFailure: { type: sns, arn: " + Sink + " } }", "destinations.onFailure.arn: \"" + Sink + "\" is not of the type sns.")]
    [InlineData("destinations: { onFailure: { arn: " + Sink + " } }", "destinations.onFailure.type: is missing; it is function, sns, sqs or eventBus.")]
    [InlineData("provisionedConcurrency: many", "provisionedConcurrency: must be a whole number from 0 to 1000, not \"many\".")]
    [InlineData("provisionedConcurrency: { alias: live }", "provisionedConcurrency.executions: is missing; write how many instances are kept started, for example executions: 2.")]
    [InlineData("provisionedConcurrency: { executions: 1, alias: '7' }", "provisionedConcurrency.alias: \"7\" cannot be used: letters, digits, - and _ only, not digits alone, at most 128.")]
    [InlineData("{ provisionedConcurrency: 3, reservedConcurrency: 2 }", "provisionedConcurrency: 3 is more than what reservedConcurrency leaves to the function.")]
    [InlineData("{ provisionedConcurrency: 1, snapStart: true }", "snapStart: does not go together with provisionedConcurrency; remove one of them.")]
    public void WrongSetting_IsRefusedAtItsLine(string lines, string message)
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction(lines.StartsWith('{') ? lines[2..^2].Replace(", ", "\n", StringComparison.Ordinal) : lines));
        folder.Refusal().ShouldEndWith(": functions.hello." + message);
        folder.Refusal().ShouldMatch("^serverless.yml:[89]: ");
    }

    [Fact]
    public void WhatHasNoEffectInTheseKeys_IsSaid()
    {
        using var folder = new ServiceFolder("service: shop\nprovider:\n  name: aws\n  runtime: python3.12\n  tracing: { lambda: true, apiGateway: true }\n  logs: { httpApi: true, frameworkLambda: true, lambda: { logFormat: JSON } }\nfunctions:\n  a: { handler: a.b }\n");
        folder.Read().Notices.Select(static notice => $"{notice.Line}: {notice.Message}").ShouldBe(["5: provider.tracing.apiGateway is not active yet.", "6: provider.logs.httpApi is not active yet."]);
    }
}
