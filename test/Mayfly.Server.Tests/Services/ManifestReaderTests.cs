using Mayfly.Server.Functions;
using Mayfly.Server.Services;

namespace Mayfly.Server.Tests.Services;

public sealed class ManifestReaderTests
{
    [Fact]
    public void SmallestManifest_HasServerlessDefaults()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction(""));
        var manifest = folder.Read();
        var function = manifest.Functions.ShouldHaveSingleItem();
        manifest.Stage.ShouldBe("dev");
        manifest.Region.ShouldBeNull();
        function.Name.ShouldBe("shop-dev-hello");
        function.Line.ShouldBe(6);
        function.CodeFolder.ShouldBe(folder.Folder);
        function.Config.MemoryMb.ShouldBe(1024);
        function.Config.TimeoutSeconds.ShouldBe(6);
        function.Config.Concurrency.ShouldBe(1);
        function.Config.Network.ShouldBeNull();
        function.Url.ShouldBeNull();
        manifest.Notices.ShouldBeEmpty();
        manifest.Files.ShouldBe([Path.Combine(folder.Folder, "serverless.yml")]);
    }

    [Fact]
    public void ProviderDefaults_AreOverriddenByTheFunction()
    {
        using var folder = new ServiceFolder("""
            service: { name: shop }
            frameworkVersion: '3'
            provider:
              name: aws
              runtime: python3.12
              stage: prod
              region: eu-west-1
              memorySize: 256
              timeout: 10
              architecture: arm64
              environment: { A: one, B: 2, C: true, D: 1.50 }
              tags: { team: red }
            functions:
              first:
                handler: a.b
              second:
                handler: c.d
                runtime: nodejs20.x
                name: my_own-name
                description: Second
                memorySize: "512"
                timeout: 20
                ephemeralStorageSize: 1024
                reservedConcurrency: 0
                environment: { A: null, E: '', B: two }
                tags: { team: blue }
                role: arn:aws:iam::000000000000:role/x
            """);
        var manifest = folder.Read();
        manifest.Region.ShouldBe("eu-west-1");
        manifest.Notices.ShouldBeEmpty();
        var first = manifest.Functions[0];
        first.Name.ShouldBe("shop-prod-first");
        first.Config.Environment.Select(pair => $"{pair.Key}={pair.Value}").ShouldBe(["A=one", "B=2", "C=true", "D=1.5"]);
        first.Config.Architectures.ShouldBe(["arm64"]);
        var second = manifest.Functions[1];
        second.Name.ShouldBe("my_own-name");
        second.Config.Runtime.ShouldBe("nodejs20.x");
        second.Config.MemoryMb.ShouldBe(512);
        second.Config.ReservedConcurrency.ShouldBe(0);
        second.Config.EphemeralStorageMb.ShouldBe(1024);
        second.Config.Environment.Select(pair => $"{pair.Key}={pair.Value}").ShouldBe(["B=two", "C=true", "D=1.5", "E="]);
        second.Config.Tags["team"].ShouldBe("blue");
        second.Config.Role.ShouldEndWith("role/x");
    }

    [Fact]
    public void StageAndRegionOfTheCommandLine_Win()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("environment: { AT: '${sls:stage} ${aws:region} ${aws:accountId} ${opt:stage}' }"));
        var manifest = folder.Read(options => options with { Stage = "live", Region = "eu-central-1", AccountId = "111122223333" });
        manifest.Functions[0].Name.ShouldBe("shop-live-hello");
        manifest.Functions[0].Config.Environment["AT"].ShouldBe("live eu-central-1 111122223333 live");
    }

    [Fact]
    public void MayflyBlock_SetsWhatServerlessDoesNotKnow()
    {
        using var folder = new ServiceFolder("""
            service: shop
            provider: { name: aws }
            functions:
              web:
                runtime: http
                mayfly: { folder: site, command: 'node server.js', concurrency: 80, network: none }
                url: true
            """).With("site/server.js", "");
        var function = folder.Read().Functions[0];
        function.Config.Command.ShouldBe("node server.js");
        function.Config.Concurrency.ShouldBe(80);
        function.Config.Network.ShouldBe(NetworkMode.None);
        function.CodeFolder.ShouldBe(Path.Combine(folder.Folder, "site"));
        function.Url.ShouldNotBeNull().AuthType.ShouldBe("NONE");
    }

    [Fact]
    public void UrlSettings_AreRead()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            url:
              authorizer: aws_iam
              invokeMode: RESPONSE_STREAM
              cors:
                allowedOrigins: https://a.example
                maxAge: 60
                allowCredentials: true
            """));
        var url = folder.Read().Functions[0].Url.ShouldNotBeNull();
        url.AuthType.ShouldBe("AWS_IAM");
        url.InvokeMode.ShouldBe("RESPONSE_STREAM");
        url.Cors.ShouldNotBeNull().AllowOrigins.ShouldBe(["https://a.example"]);
        url.Cors.AllowMethods.ShouldBe(["*"]);
        url.Cors.MaxAge.ShouldBe(60);
        url.Cors.AllowCredentials.ShouldBeTrue();
    }

    [Fact]
    public void PackagePatterns_AreTheServicesThenTheFunctions()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("package: { patterns: [keep.txt], include: [old.txt], individually: true }", "package:\n  exclude: [node_modules/**]\n  patterns: ['!docs/**']\n  artifact: out/app.zip\n"));
        var function = folder.Read().Functions[0];
        function.PackagePatterns.ShouldBe(["!node_modules/**", "!docs/**", "old.txt", "keep.txt"]);
        function.Artifact.ShouldBe(Path.Combine(folder.Folder, "out", "app.zip"));
    }

    [Fact]
    public void FunctionsAsAListOfFiles_AreJoined()
    {
        using var folder = new ServiceFolder("""
            service: shop
            provider: { name: aws, runtime: python3.12 }
            functions:
              - ${file(a.yml)}
              - ${file(b/c.json):functions}
              - last: { handler: z.z }
            """)
            .With("a.yml", "first:\n  handler: a.a\n  timeout: 3\n")
            .With("b/c.json", """{ "functions": { "second": { "handler": "b.b" } } }""");
        var manifest = folder.Read();
        manifest.Functions.Select(function => function.Key).ShouldBe(["first", "second", "last"]);
        manifest.Files.Select(Path.GetFileName).ShouldBe(["serverless.yml", "a.yml", "c.json"]);
    }

    [Fact]
    public void JsonManifest_IsRead()
    {
        using var folder = new ServiceFolder().With("serverless.json", "{\n\t\"service\": \"shop\",\n\t\"provider\": { \"name\": \"aws\", \"runtime\": \"python3.12\" },\n\t\"functions\": {\n\t\t\"hello\": { \"handlr\": \"a.b\" }\n\t}\n}");
        folder.Refusal().ShouldBe("serverless.json:5: functions.hello.handlr: the key \"handlr\" is not known; did you mean \"handler\"?");
    }

    [Theory]
    [InlineData("serverless.ts")]
    [InlineData("serverless.js")]
    public void ManifestThatIsAProgram_IsRefusedWithAWayOut(string file)
    {
        using var folder = new ServiceFolder().With(file, "module.exports = {}");
        folder.Refusal().ShouldStartWith($"{file}:1: a manifest that is a program is not run; write serverless.yml instead.");
    }

    [Fact]
    public void SecondManifest_IsSaidToBeIgnored()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("")).With("serverless.json", "{}");
        folder.Read().Notices.ShouldHaveSingleItem().Message.ShouldBe("serverless.json is ignored, since serverless.yml is there.");
    }

    [Fact]
    public void AnchorsAndMergeKeys_AreFollowed()
    {
        using var folder = new ServiceFolder("""
            service: shop
            provider: { name: aws, runtime: python3.12 }
            custom:
              base: &base { timeout: 30, memorySize: 128 }
            functions:
              a:
                <<: *base
                handler: a.a
                timeout: 5
            """);
        var config = folder.Read().Functions[0].Config;
        config.TimeoutSeconds.ShouldBe(5);
        config.MemoryMb.ShouldBe(128);
    }

    [Fact]
    public void WhatHasNoEngine_IsKeptAndSaid()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            layers: [!ImportValue shared]
            logRetentionInDays: 14
            disableLogs: false
            events:
              - msk: { arn: jobs }
              - stream: { arn: !GetAtt Jobs.StreamArn, batchSize: 5 }
            """, """
            plugins: [serverless-offline]
            resources:
              Resources:
                Jobs: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: !Sub '${AWS::StackName}-jobs' } }
            """));
        var manifest = folder.Read();
        manifest.Notices.Select(notice => $"{notice.Line}: {notice.Message}").ShouldBe(
        [
            "8: functions.hello.layers: {\"Fn::ImportValue\":\"shared\"} is known to a deployment to AWS only; it is left out.",
            "9: functions.hello.logRetentionInDays is not active yet.",
            "12: event 'msk' of function 'hello' is not active yet.",
            "13: event 'stream' of function 'hello' is not active yet.",
            "14: plugins are not active: Serverless plugins are not run (serverless-offline).",
            "15: resources are not active yet (AWS::DynamoDB::Table).",
        ]);
        manifest.Inactive.ShouldContain(new InactivePart("functions.hello.events.1.stream", """{"arn":{"Fn::GetAtt":["Jobs","StreamArn"]},"batchSize":5}"""));
        manifest.Inactive.Single(part => part.Path == "resources").Json.ShouldContain("{\"Fn::Sub\":\"${AWS::StackName}-jobs\"}");
    }

    [Fact]
    public void Layers_AreReadWithTheirDefaults_AndNamedByFunctions()
    {
        using var folder = new ServiceFolder("""
            service: shop
            provider:
              name: aws
              runtime: python3.12
              layers: [!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:layer:all:2']
            layers:
              my-tools: { path: ., description: d, compatibleRuntimes: [python3.12], compatibleArchitectures: x86_64, licenseInfo: MIT, retain: true, package: { patterns: ['!x/**'] } }
              ready_made: { name: "${sls:stage}-ready", package: { artifact: ready.zip } }
            functions:
              a: { handler: app.a }
              b: { handler: app.b, layers: [{ Ref: MyDashtoolsLambdaLayer }, !Ref ReadyUnderscoremadeLambdaLayer, 'arn:aws:lambda:us-east-1:123456789012:layer:x:7'] }
              c: { handler: app.c, layers: [] }
            """);
        var manifest = folder.Read();
        manifest.Notices.ShouldBeEmpty();
        manifest.Layers.Select(static layer => (layer.Key, layer.Name, layer.Retain)).ShouldBe([("my-tools", "my-tools", true), ("ready_made", "dev-ready", false)]);
        var tools = manifest.Layers[0];
        (tools.Folder, tools.Description, tools.License, string.Join(',', tools.CompatibleRuntimes!.Value), string.Join(',', tools.CompatibleArchitectures!.Value), tools.PackagePatterns.Single())
            .ShouldBe((manifest.Folder, "d", "MIT", "python3.12", "x86_64", "!x/**"));
        (manifest.Layers[1].Artifact, manifest.Layers[1].CompatibleRuntimes).ShouldBe((Path.Combine(manifest.Folder, "ready.zip"), null));
        manifest.Functions[0].Config.Layers.ShouldBe(["arn:aws:lambda:us-east-1:000000000000:layer:all:2"]);
        manifest.Functions[1].Config.Layers.ShouldBe(["my-tools", "dev-ready", "arn:aws:lambda:us-east-1:123456789012:layer:x:7"]);
        manifest.Functions[2].Config.Layers.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("layers: [tools]", "layers: { tools: { path: . } }", "{ Ref: ToolsLambdaLayer }")]
    [InlineData("layers: [!Ref ToolsLambdaLayer, !Ref ToolsLambdaLayer]", "layers: { tools: { path: . } }", "stands twice")]
    [InlineData("layers: ['arn:aws:lambda:us-east-1:1:layer:x:7']", "", "no ARN of a layer version")]
    [InlineData("timeout: 1", "layers: { tools: { path: none } }", "the folder \"none\" is not there")]
    [InlineData("timeout: 1", "layers: { tools: { description: none } }", "layers.tools.path: is missing")]
    [InlineData("timeout: 1", "layers: { to.ls: { path: . } }", "letters, digits")]
    [InlineData("timeout: 1", "layers: { tools: { pth: . } }", "did you mean \"path\"")]
    public void LayersThatCannotBe_AreErrorsWithAPlace(string ofFunction, string ofService, string says)
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction(ofFunction, ofService + "\n"));
        Should.Throw<ManifestException>(() => folder.Read()).Message.ShouldContain(says);
    }

    [Fact]
    public void SecretOfAnInactivePart_NeedNotResolve()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("events:\n  - sns: ${ssm:/topic}", "custom:\n  secret: ${ssm:/secret}\nresources:\n  Outputs: { A: { Value: '${cf:other.Out}' } }\n"));
        folder.Read().Inactive.Select(part => part.Json).ShouldContain("\"${ssm:/topic}\"");
    }

    [Fact]
    public void CloudFormationInEnvironment_IsWorkedOutWhereThatIsPossible()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            environment:
              TABLE: !Ref Orders
              ACCOUNT: { Ref: 'AWS::AccountId' }
              ARN: !Sub 'arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Orders}'
              JOINED: !Join ['-', [a, !Ref 'AWS::StackName']]
              QUEUE: !GetAtt Jobs.Arn
            """, """
            resources:
              Resources:
                Orders: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: '${self:service}-orders' } }
            """));
        var manifest = folder.Read();
        manifest.Functions[0].Config.Environment.Select(pair => $"{pair.Key}={pair.Value}").ShouldBe(
        [
            "ACCOUNT=000000000000",
            "ARN=arn:aws:dynamodb:us-east-1:000000000000:table/shop-orders",
            "JOINED=a-shop-dev",
            "TABLE=shop-orders",
        ]);
        manifest.Notices.Select(notice => notice.Message).ShouldContain("functions.hello.environment.QUEUE is {\"Fn::GetAtt\":[\"Jobs\",\"Arn\"]}, which is not active yet; it is left unset.");
    }

    [Fact]
    public void ContainerImage_IsLeftOutWithANotice()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("", "  boxed:\n    image: 000000000000.dkr.ecr.us-east-1.amazonaws.com/x:1\n"));
        var manifest = folder.Read();
        manifest.Functions.Select(function => function.Key).ShouldBe(["hello"]);
        manifest.Notices.ShouldHaveSingleItem().Message.ShouldBe("function 'boxed' is a container image, which is not active yet; it is left out.");
    }
}
