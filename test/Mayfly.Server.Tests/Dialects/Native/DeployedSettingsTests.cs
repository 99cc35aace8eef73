using System.Net;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Functions;
using Mayfly.Server.Services;

namespace Mayfly.Server.Tests.Dialects.Native;

/// <summary>What a deployment hangs on functions, and what it leaves alone.</summary>
public sealed class DeployedSettingsTests : IDisposable
{
    private static readonly FunctionKey Key = new("000000000000", "us-east-1", "shop-dev-a");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Async_IsSetOnceAndTakenAwayAgain()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var plain = ServiceDeploymentTests.Shop(await server.UploadAsync("v1"), "a", "b");
        var deployment = With(plain, function => function with { Async = new() { MaximumRetryAttempts = 1, OnSuccess = "shop-dev-b", OnFailure = "arn:aws:sqs:us-east-1:000000000000:q" } });

        (await DeployAsync(server, deployment)).ShouldBe(ChangeKind.Created);
        var first = Function(server);
        var async = first.For(null).Async.ShouldNotBeNull();
        (async.MaximumRetryAttempts, async.OnSuccess, async.OnFailure).ShouldBe((1, "arn:aws:lambda:us-east-1:000000000000:function:shop-dev-b", "arn:aws:sqs:us-east-1:000000000000:q"));
        (await DeployAsync(server, deployment)).ShouldBe(ChangeKind.Unchanged);
        Function(server).ShouldBeSameAs(first);

        (await DeployAsync(server, plain)).ShouldBe(ChangeKind.Updated);
        Function(server).For(null).Async.ShouldBeNull();
        Function(server).Declared.ShouldBeNull();
        Function(server).Latest.ShouldBeSameAs(first.Latest);
    }

    [Fact]
    public async Task WhatOtherMeansHaveSet_StaysWhereTheManifestIsSilent()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var plain = ServiceDeploymentTests.Shop(await server.UploadAsync("v1"), "a");
        await DeployAsync(server, plain);
        var given = new AsyncSettings { MaximumRetryAttempts = 0, LastModified = DateTimeOffset.UnixEpoch };
        await server.Functions.ChangeAsync(
            Key,
            function =>
            {
                function = function!.With(null, function.For(null) with { Async = given }).Publish(null, DateTimeOffset.UnixEpoch).Function;
                return (function with { Aliases = function.Aliases.Add("live", new() { Name = "live", Version = "1", RevisionId = "r" }) }).With("live", new() { Provisioned = new(1, DateTimeOffset.UnixEpoch) });
            },
            CancellationToken.None);

        (await DeployAsync(server, plain)).ShouldBe(ChangeKind.Unchanged);
        await DeployAsync(server, With(plain, static function => function with { Config = function.Config with { MemoryMb = 256 } }));

        var after = Function(server);
        after.For(null).Async.ShouldBe(given);
        after.Aliases["live"].Version.ShouldBe("1");
        after.For("live").Provisioned!.Requested.ShouldBe(1);
        after.Versions.Keys.ShouldBe([1]);
    }

    [Fact]
    public async Task Alias_FollowsEveryChange_AndTheVersionBeforeGoes()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var plain = ServiceDeploymentTests.Shop(await server.UploadAsync("v1"), "a");
        var deployment = With(plain, static function => function with { Alias = new("provisioned", 2), Async = new() { MaximumRetryAttempts = 0 } });
        await DeployAsync(server, With(deployment, static function => function with { Alias = null }));
        var url = Function(server).Url.ShouldNotBeNull();
        Function(server).For(null).Async.ShouldNotBeNull();

        (await DeployAsync(server, deployment)).ShouldBe(ChangeKind.Updated);
        var first = Function(server);
        (first.Aliases["provisioned"].Version, first.Provisioned, first.ServiceAlias, first.UrlQualifier, first.Url).ShouldBe(("1", 2, "provisioned", "provisioned", null));
        first.For(null).ShouldBe(QualifierSettings.None);
        first.For("provisioned").Url.ShouldBe(url);
        first.For("provisioned").Async!.MaximumRetryAttempts.ShouldBe(0);
        (await NativeFixture.ReadAsync(await server.SendAsync("GET", "functions/shop-dev-a"), NativeJson.Default.FunctionReply)).Url.ShouldBe("http://127.0.0.1:4566/_url/shop-dev-a/");
        (await DeployAsync(server, deployment)).ShouldBe(ChangeKind.Unchanged);
        Function(server).ShouldBeSameAs(first);

        // Another number of instances moves nothing.
        var three = With(deployment, static function => function with { Alias = new("provisioned", 3) });
        (await DeployAsync(server, three)).ShouldBe(ChangeKind.Updated);
        (Function(server).Provisioned, Function(server).LastVersion).ShouldBe((3, 1));

        // Another setting does.
        var changed = With(three, static function => function with { Config = function.Config with { MemoryMb = 256 } });
        (await DeployAsync(server, changed)).ShouldBe(ChangeKind.Updated);
        (Function(server).Aliases["provisioned"].Version, string.Join(',', Function(server).Versions.Keys), Function(server).ProvisionedFor("2")).ShouldBe(("2", "2", 3));

        // Silence takes alias and version away; the URL goes back with its id.
        (await DeployAsync(server, plain)).ShouldBe(ChangeKind.Updated);
        var last = Function(server);
        (last.Aliases.Count, last.Versions.Count, last.Provisioned, last.Declared, last.Qualified.Count).ShouldBe((0, 0, 0, null, 1));
        last.Url!.Id.ShouldBe(url.Id);
    }

    [Fact]
    public async Task AliasThatWasMovedByHand_IsPutBack()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var deployment = With(ServiceDeploymentTests.Shop(await server.UploadAsync("v1"), "a"), static function => function with { Alias = new("provisioned", 1) });
        await DeployAsync(server, deployment);
        await server.Functions.ChangeAsync(Key, static function => function! with { Aliases = function.Aliases.SetItem("provisioned", function.Aliases["provisioned"] with { Version = Revision.Latest }) }, CancellationToken.None);

        (await DeployAsync(server, deployment)).ShouldBe(ChangeKind.Updated);
        Function(server).Aliases["provisioned"].Version.ShouldBe("1");

        await server.Functions.ChangeAsync(Key, static function => function! with { Aliases = function.Aliases.SetItem("provisioned", function.Aliases["provisioned"] with { WeightedVersion = "2", Weight = 0.5 }) }, CancellationToken.None);
        (await DeployAsync(server, deployment)).ShouldBe(ChangeKind.Updated);
        Function(server).Aliases["provisioned"].WeightedVersion.ShouldBeNull();

        await server.Functions.ChangeAsync(Key, static function => (function! with { Aliases = function.Aliases.Clear() }).With("provisioned", QualifierSettings.None), CancellationToken.None);
        Function(server).ServiceAlias.ShouldBeNull();
        (await DeployAsync(server, deployment)).ShouldBe(ChangeKind.Updated);
        (Function(server).ServiceAlias, Function(server).Provisioned).ShouldBe(("provisioned", 1));
    }

    [Fact]
    public async Task VersionsThatAreKept_StayAndAreNotMadeTwice()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var deployment = With(ServiceDeploymentTests.Shop(await server.UploadAsync("v1"), "a"), static function => function with { KeepsVersions = true });
        await DeployAsync(server, deployment);
        (await DeployAsync(server, deployment)).ShouldBe(ChangeKind.Unchanged);
        var changed = With(deployment, static function => function with { Config = function.Config with { MemoryMb = 256 }, Alias = new("provisioned", 1) });
        await DeployAsync(server, changed);
        await DeployAsync(server, With(changed, static function => function with { Config = function.Config with { MemoryMb = 512 } }));
        Function(server).Versions.Keys.ShouldBe([1, 2, 3]);
        Function(server).Aliases["provisioned"].Version.ShouldBe("3");
    }

    [Fact]
    public async Task WhatADeploymentMade_IsKnownAfterARestart()
    {
        ServiceDeployment plain;
        await using (var server = await NativeFixture.StartAsync(_folder))
        {
            plain = ServiceDeploymentTests.Shop(await server.UploadAsync("v1"), "a");
            await DeployAsync(server, With(plain, static function => function with { Alias = new("provisioned", 1), Async = new() { MaximumEventAgeSeconds = 60 } }));
        }

        await using var again = await NativeFixture.StartAsync(_folder);
        (await DeployAsync(again, With(plain, static function => function with { Alias = new("provisioned", 1), Async = new() { MaximumEventAgeSeconds = 60 } }))).ShouldBe(ChangeKind.Unchanged);
        await DeployAsync(again, plain);
        (Function(again).Aliases.Count, Function(again).Versions.Count).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData("retries", "retry attempts")]
    [InlineData("age", "maximum event age")]
    [InlineData("destination", "no destination")]
    [InlineData("bucket", "no destination")]
    [InlineData("self", "its own destination")]
    [InlineData("selfArn", "its own destination")]
    [InlineData("alias", "letters, digits")]
    [InlineData("provisioned", "must be 1 to 1000")]
    [InlineData("reserved", "must be 1 to 1,")]
    [InlineData("snapshots", "do not go together")]
    [InlineData("levels", "Text without levels")]
    [InlineData("tracing", "Active or PassThrough")]
    public async Task WrongSettings_ChangeNothing(string fault, string words)
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var wrong = With(ServiceDeploymentTests.Shop(await server.UploadAsync("v1"), "a"), function => fault switch
        {
            "retries" => function with { Async = new() { MaximumRetryAttempts = 3 } },
            "age" => function with { Async = new() { MaximumEventAgeSeconds = 59 } },
            "destination" => function with { Async = new() { OnSuccess = "arn:aws:dynamodb:us-east-1:000000000000:table/t" } },
            "bucket" => function with { Async = new() { OnSuccess = "arn:aws:s3:::b" } },
            "self" => function with { Async = new() { OnSuccess = "shop-dev-a:live" } },
            "selfArn" => function with { Async = new() { OnFailure = Key.Arn + ":live" } },
            "alias" => function with { Alias = new("7", 1) },
            "provisioned" => function with { Alias = new("live", 0) },
            "reserved" => function with { Alias = new("live", 2), Config = function.Config with { ReservedConcurrency = 1 } },
            "snapshots" => function with { Alias = new("live", 1), Config = function.Config with { SnapStart = "PublishedVersions" } },
            "levels" => function with { Config = function.Config with { Logging = new() { Format = "Text", SystemLevel = "WARN" } } },
            _ => function with { Config = function.Config with { Tracing = "On" } },
        });
        var response = await server.DeployAsync(wrong);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await NativeFixture.ErrorAsync(response)).Message.ShouldContain(words.TrimEnd(','));
        server.Functions.Table.Current.Functions.ShouldBeEmpty();
    }

    private static Function Function(NativeFixture server) => server.Functions.Table.Current.Functions[Key];

    private static ServiceDeployment With(ServiceDeployment deployment, Func<DeployedFunction, DeployedFunction> change) =>
        deployment with { Functions = deployment.Functions.SetItem(0, change(deployment.Functions[0])) };

    private static async Task<ChangeKind> DeployAsync(NativeFixture server, ServiceDeployment deployment) =>
        (await NativeFixture.ReadAsync(await server.DeployAsync(deployment), NativeJson.Default.DeployReply)).Changes[0].Change;
}
