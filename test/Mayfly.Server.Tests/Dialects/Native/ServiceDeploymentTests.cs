using System.Net;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Functions;
using Mayfly.Server.Services;
using Mayfly.Server.Triggers.Http;

namespace Mayfly.Server.Tests.Dialects.Native;

public sealed class ServiceDeploymentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Deployment_BecomesFunctionsRoutesAndUrls()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var sha = await server.UploadAsync("v1");
        var reply = await NativeFixture.ReadAsync(await server.DeployAsync(Shop(sha, "a", "b") with { Routes = [Route("a", "/x/{id}", rest: true), Route("b", "$default", rest: false)] }), NativeJson.Default.DeployReply);
        reply.Changes.ShouldBe([new("shop-dev-a", ChangeKind.Created), new("shop-dev-b", ChangeKind.Created)]);
        reply.Service.Functions[0].Url.ShouldBe("http://127.0.0.1:4566/_url/shop-dev-a/");
        reply.Service.Functions[0].State.ShouldBe(FunctionState.Active);
        reply.Service.Functions[1].Url.ShouldBeNull();
        reply.Service.Routes.Select(route => route.Url).ShouldBe(["http://127.0.0.1:4566/_api/shop/dev/x/{id}", "http://127.0.0.1:4566/_api/shop/"]);

        (await NativeFixture.ReadAsync(await server.SendAsync("GET", "services"), NativeJson.Default.ServiceReplyArray)).Single().Name.ShouldBe("shop");
        (await NativeFixture.ReadAsync(await server.SendAsync("GET", "functions"), NativeJson.Default.FunctionReplyArray)).Select(function => function.Name).ShouldBe(["shop-dev-a", "shop-dev-b"]);
        (await NativeFixture.ReadAsync(await server.SendAsync("GET", "functions/shop-dev-b"), NativeJson.Default.FunctionReply)).Service.ShouldBe("shop");
        (await NativeFixture.ReadAsync(await server.SendAsync("GET", "functions/arn:aws:lambda:us-east-1:000000000000:function:shop-dev-b"), NativeJson.Default.FunctionReply)).CodeSha256.ShouldBe(sha);
        server.Services.Find("shop")!.Routes.MatchHttp("GET", "/any")!.Route.Function.ShouldBe("shop-dev-b");
    }

    [Fact]
    public async Task NetworkThatTheMachineHasNot_IsRefusedBeforeAnythingIsDeployed()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var shop = Shop(await server.UploadAsync("v1"), "a");
        var open = shop with { Functions = shop.Functions.SetItem(0, shop.Functions[0] with { Config = shop.Functions[0].Config with { Network = NetworkMode.Egress } }) };
        server.Machine = server.Machine with { EgressMissing = "not here. To mend it: be root" };

        var refused = await server.DeployAsync(open);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await NativeFixture.ErrorAsync(refused)).ShouldBe(new("NetworkMissing", "Function 'shop-dev-a': not here. To mend it: be root."));
        server.Functions.Table.Current.Functions.ShouldBeEmpty();

        server.Machine = server.Machine with { EgressMissing = null };
        (await server.DeployAsync(open)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task SecondDeployment_ChangesOnlyWhatDiffers()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var sha = await server.UploadAsync("v1");
        await server.DeployAsync(Shop(sha, "a", "b", "c"));
        var before = server.Functions.Table.Current.Functions;

        var second = await server.UploadAsync("v2");
        var changed = Shop(sha, "a", "b", "d");
        changed = changed with { Functions = changed.Functions.SetItem(1, changed.Functions[1] with { PackageSha256 = second }) };
        var reply = await NativeFixture.ReadAsync(await server.DeployAsync(changed), NativeJson.Default.DeployReply);
        reply.Changes.ShouldBe([new("shop-dev-a", ChangeKind.Unchanged), new("shop-dev-b", ChangeKind.Updated), new("shop-dev-d", ChangeKind.Created), new("shop-dev-c", ChangeKind.Removed)]);

        var after = server.Functions.Table.Current.Functions;
        after[Key("a")].ShouldBeSameAs(before[Key("a")]);
        after[Key("b")].Latest.Id.ShouldNotBe(before[Key("b")].Latest.Id);
        after.ContainsKey(Key("c")).ShouldBeFalse();
    }

    [Fact]
    public async Task ChangeOfTheUrlAlone_KeepsTheRevisionAndTheId()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var sha = await server.UploadAsync("v1");
        await server.DeployAsync(Shop(sha, "a"));
        var before = server.Functions.Table.Current.Functions[Key("a")];
        before.Url!.Id.ShouldMatch("^[a-z0-9]{32}$");

        var changed = Shop(sha, "a");
        changed = changed with { Functions = [changed.Functions[0] with { Url = new() { Id = "", Cors = new() { AllowOrigins = ["*"] } } }] };
        var reply = await NativeFixture.ReadAsync(await server.DeployAsync(changed), NativeJson.Default.DeployReply);
        reply.Changes.Single().Change.ShouldBe(ChangeKind.Updated);
        var after = server.Functions.Table.Current.Functions[Key("a")];
        after.Latest.ShouldBeSameAs(before.Latest);
        after.Url!.Id.ShouldBe(before.Url.Id);
        after.Url.Cors!.AllowOrigins.ShouldBe(["*"]);
        (await NativeFixture.ReadAsync(await server.DeployAsync(changed), NativeJson.Default.DeployReply)).Changes.Single().Change.ShouldBe(ChangeKind.Unchanged);
    }

    [Fact]
    public async Task Services_AreThereAfterARestart()
    {
        await using (var server = await NativeFixture.StartAsync(_folder))
        {
            await server.DeployAsync(Shop(await server.UploadAsync("v1"), "a") with { Routes = [Route("a", "/x/{id}", rest: false)] });
        }

        await using var again = await NativeFixture.StartAsync(_folder);
        again.Services.Find("shop")!.Routes.MatchHttp("GET", "/x/1")!.Parameters.ShouldBe([new("id", "1")]);
        (await NativeFixture.ReadAsync(await again.SendAsync("GET", "services/shop"), NativeJson.Default.ServiceReply)).Functions.Single().Name.ShouldBe("shop-dev-a");
        (await NativeFixture.ReadAsync(await again.DeployAsync(Shop((await again.UploadAsync("v1")), "a")), NativeJson.Default.DeployReply)).Changes.Single().Change.ShouldBe(ChangeKind.Unchanged);
    }

    [Fact]
    public async Task KeptFunctions_StayAsTheyAre_WithTheirRoutes_AndAreNotMadeUp()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var sha = await server.UploadAsync("v1");
        await server.DeployAsync(Shop(sha, "a", "b"));
        var before = server.Functions.Table.Current.Functions[Key("b")];

        var half = Shop(sha, "a") with { Keep = ["shop-dev-b", "shop-dev-never"], Routes = [Route("b", "/b", rest: false), Route("never", "/never", rest: false)] };
        var reply = await NativeFixture.ReadAsync(await server.DeployAsync(half), NativeJson.Default.DeployReply);

        reply.Changes.Single().Change.ShouldBe(ChangeKind.Unchanged);
        server.Functions.Table.Current.Functions[Key("b")].ShouldBeSameAs(before);
        var service = server.Services.Find("shop")!;
        service.Record.Functions.ShouldBe(["shop-dev-a", "shop-dev-b"]);
        service.Routes.MatchHttp("GET", "/b").ShouldNotBeNull();
        service.Routes.MatchHttp("GET", "/never").ShouldBeNull();

        await server.DeployAsync(Shop(sha, "a"));
        server.Functions.Table.Current.Functions.Keys.ShouldBe([Key("a")]);
    }

    [Fact]
    public async Task RemovedService_TakesItsFunctionsAlong()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        await server.DeployAsync(Shop(await server.UploadAsync("v1"), "a", "b"));
        (await NativeFixture.ReadAsync(await server.SendAsync("DELETE", "services/shop"), NativeJson.Default.RemoveReply)).Functions.ShouldBe(["shop-dev-a", "shop-dev-b"]);
        server.Functions.Table.Current.Functions.ShouldBeEmpty();
        (await server.SendAsync("GET", "services/shop")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await server.SendAsync("DELETE", "services/shop")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task MissingInterpreter_DeploysAndSaysWhatHelps()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var deployment = Shop(await server.UploadAsync("v1"), "a");
        deployment = deployment with { Functions = [deployment.Functions[0] with { Config = deployment.Functions[0].Config with { Runtime = "rare1" } }] };
        var function = (await NativeFixture.ReadAsync(await server.DeployAsync(deployment), NativeJson.Default.DeployReply)).Service.Functions.Single();
        function.State.ShouldBe(FunctionState.RuntimeMissing);
        function.StateReason!.ShouldContain("rare-package");
    }

    [Theory]
    [InlineData("runtime", "UnknownRuntime", "raw")]
    [InlineData("package", "PackageMissing", "upload it first")]
    [InlineData("name", "InvalidDeployment", "letters, digits")]
    [InlineData("twice", "InvalidDeployment", "twice")]
    [InlineData("memory", "InvalidDeployment", "128 to 10240")]
    [InlineData("variable", "InvalidDeployment", "environment variable")]
    [InlineData("environment", "InvalidDeployment", "4096")]
    [InlineData("rule retries", "InvalidDeployment", "0 to 185")]
    [InlineData("rule age", "InvalidDeployment", "60 to 86400")]
    [InlineData("schedule retries", "InvalidDeployment", "0 to 185")]
    [InlineData("schedule age", "InvalidDeployment", "60 to 86400")]
    [InlineData("route", "InvalidDeployment", "not part of the service")]
    [InlineData("greedy", "InvalidDeployment", "last segment")]
    [InlineData("duplicate", "InvalidDeployment", "twice")]
    public async Task WrongDeployment_ChangesNothing(string fault, string code, string words)
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var right = Shop(await server.UploadAsync("v1"), "a", "b");
        var last = right.Functions[1];
        var rule = new DeployedRule { Name = "r", Function = last.Name, ScheduleExpression = "rate(1 day)", Enabled = true };
        var schedule = new DeployedSchedule { Name = "s", Function = last.Name, ScheduleExpression = "rate(1 day)", Enabled = true };
        var wrong = fault switch
        {
            "runtime" => right with { Functions = right.Functions.SetItem(1, last with { Config = last.Config with { Runtime = "cobol" } }) },
            "package" => right with { Functions = right.Functions.SetItem(1, last with { PackageSha256 = new string('0', 64) }) },
            "name" => right with { Functions = right.Functions.SetItem(1, last with { Name = "../b" }) },
            "twice" => right with { Functions = right.Functions.SetItem(1, right.Functions[0]) },
            "memory" => right with { Functions = right.Functions.SetItem(1, last with { Config = last.Config with { MemoryMb = 64 } }) },
            "variable" => right with { Functions = right.Functions.SetItem(1, last with { Config = last.Config with { Environment = last.Config.Environment.Add("1A", "") } }) },
            "environment" => right with { Functions = right.Functions.SetItem(1, last with { Config = last.Config with { Environment = last.Config.Environment.Add("AA", new string('x', 4095)) } }) },
            "rule retries" => right with { Rules = [rule with { MaximumRetryAttempts = 186 }] },
            "rule age" => right with { Rules = [rule with { MaximumEventAgeSeconds = 59 }] },
            "schedule retries" => right with { Schedules = [schedule with { MaximumRetryAttempts = -1 }] },
            "schedule age" => right with { Schedules = [schedule with { MaximumEventAgeSeconds = 86_401 }] },
            "route" => right with { Routes = [Route("c", "/x", rest: false)] },
            "greedy" => right with { Routes = [Route("a", "/{x+}/y", rest: false)] },
            _ => right with { Routes = [Route("a", "/{x}", rest: false), Route("a", "/{y}", rest: false)] },
        };
        var response = await server.DeployAsync(wrong);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = await NativeFixture.ErrorAsync(response);
        error.Code.ShouldBe(code);
        error.Message.ShouldContain(words);
        server.Functions.Table.Current.Functions.ShouldBeEmpty();
        server.Services.Current.ShouldBeEmpty();
    }

    [Fact]
    public async Task FunctionOfAnotherService_IsNotTaken()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var sha = await server.UploadAsync("v1");
        await server.DeployAsync(Shop(sha, "a"));
        var response = await server.DeployAsync(Shop(sha, "b", "a") with { Service = "other" });
        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await NativeFixture.ErrorAsync(response)).Message.ShouldContain("belongs to service 'shop'");
        server.Functions.Table.Current.Functions.Count.ShouldBe(1);
        server.Functions.Table.Current.Functions[Key("a")].Service.ShouldBe("shop");
    }

    [Theory]
    [InlineData("not json", "InvalidJson")]
    [InlineData("null", "InvalidJson")]
    [InlineData("""{"service":"shop"}""", "InvalidJson")]
    [InlineData("""{"service":"else","stage":"dev","functions":[]}""", "InvalidDeployment")]
    [InlineData("""{"service":"shop","stage":"dev","functions":null}""", "InvalidJson")]
    [InlineData("""{"service":"shop","stage":"dev","functions":[null]}""", "InvalidJson")]
    [InlineData("""{"service":"shop","stage":"dev","functions":[],"routes":[null]}""", "InvalidJson")]
    [InlineData("""{"service":"shop","stage":"dev","functions":[{"name":"a","packageSha256":"","config":null}]}""", "InvalidJson")]
    public async Task BodyThatIsNoDeployment_IsRefused(string body, string code)
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var response = await server.SendAsync("PUT", "services/shop", new StringContent(body));
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await NativeFixture.ErrorAsync(response)).Code.ShouldBe(code);
    }

    [Fact]
    public async Task LeftOutMembers_HaveLambdasDefaults()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var sha = await server.UploadAsync("v1");
        var response = await server.SendAsync("PUT", "services/shop", new StringContent(
            $$$$"""{"service":"shop","stage":"dev","functions":[{"name":"a","packageSha256":"{{{{sha}}}}","config":{"runtime":"raw"},"url":{"cors":{"allowOrigins":["*"]}}}]}"""));
        (await NativeFixture.ReadAsync(response, NativeJson.Default.DeployReply)).Service.Functions.Single().TimeoutSeconds.ShouldBe(3);
        var function = server.Functions.Table.Current.Functions.Values.Single();
        System.Text.Json.JsonSerializer.Serialize(function.Latest.Config).ShouldBe(System.Text.Json.JsonSerializer.Serialize(new FunctionConfig { Runtime = "raw" }));
        function.Url!.AuthType.ShouldBe("NONE");
        function.Url.Cors!.AllowMethods.IsDefault.ShouldBeFalse();
    }

    internal static ServiceDeployment Shop(string sha, params string[] functions) => new()
    {
        Service = "shop",
        Stage = "dev",
        Functions = [.. functions.Select(name => new DeployedFunction
        {
            Name = $"shop-dev-{name}", Config = new() { Runtime = "raw" }, PackageSha256 = sha, Url = name == "a" ? new() { Id = "" } : null,
        })],
    };

    private static FunctionKey Key(string name) => new("000000000000", "us-east-1", $"shop-dev-{name}");

    private static HttpRoute Route(string function, string path, bool rest) =>
        new() { Rest = rest, Method = "GET", Path = path, Function = $"shop-dev-{function}", PayloadFormat = rest ? "1.0" : "2.0" };
}
