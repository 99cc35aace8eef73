using Mayfly.Server.Dialects.Aws.Lambda;
using Mayfly.Server.Dialects.Aws.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mayfly.Server.Tests.Dialects.Aws.Models;

public sealed class ModelRouterTests
{
    public static TheoryData<string> Operations => [.. ServiceModel.Lambda.Operations.Keys];

    [Theory]
    [MemberData(nameof(Operations))]
    public void EveryOperation_RoutesToItself(string name)
    {
        var operation = ServiceModel.Lambda.Operations[name];
        Find(operation.Method, operation.Path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal), out _)!.Name.ShouldBe(name);
    }

    [Theory]
    [InlineData("PATCH", "/2015-03-31/functions/f")]
    [InlineData("GET", "/2015-03-31/functions/f/nothing")]
    [InlineData("GET", "/2014-03-31/functions/f")]
    [InlineData("get", "/2015-03-31/functions/f")]
    [InlineData("GET", "/2015-03-31//functions/f")]
    public void AnythingElse_HasNone(string method, string target) => Find(method, target, out _).ShouldBeNull();

    [Theory]
    [InlineData("/2018-10-31/layers", "ListLayers")]
    [InlineData("/2018-10-31/layers?find=LayerVersion&Arn=a", "GetLayerVersionByArn")]
    [InlineData("/2019-09-30/functions/f/provisioned-concurrency?Qualifier=1", "GetProvisionedConcurrencyConfig")]
    [InlineData("/2019-09-30/functions/f/provisioned-concurrency?List=ALL", "ListProvisionedConcurrencyConfigs")]
    [InlineData("/2015-03-31/functions/", "ListFunctions")]
    [InlineData("/2015-03-31/functions//code", null)]
    public void QueriesAndSlashes_TellOperationsApart(string target, string? name) => Find("GET", target, out _)?.Name.ShouldBe(name);

    [Fact]
    public void ASlashInAName_IsNotASlashBetweenNames()
    {
        Find("GET", "/2017-03-31/tags/arn%3Aaws%3Alambda%3Ax%2Fy", out var path)!.Name.ShouldBe("ListTags");
        path.ShouldBe(["2017-03-31", "tags", "arn:aws:lambda:x/y"]);
        Find("GET", "/2015-03-31/functions/a%252Fb", out path);
        path[2].ShouldBe("a%2Fb");
        Find("PUT", "/2015-03-31/functions//code", out path)!.Name.ShouldBe("UpdateFunctionCode");
        path[2].ShouldBe("");
    }

    private static ModelOperation? Find(string method, string target, out string[] path)
    {
        var context = new DefaultHttpContext();
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        context.Request.Method = method;
        context.Request.QueryString = new(target.Contains('?') ? target[target.IndexOf('?')..] : "");
        return LambdaOperations.Find(context.Request, out path);
    }
}
