using Mayfly.Server.Dialects.Aws;
using Mayfly.Server.Identity;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Tests.Dialects.Aws;

/// <summary>Whose call it is, told by its credential.</summary>
public sealed class AwsScopeTests : IDisposable
{
    private static readonly ServerSettings Settings = new() { StoreFolder = "/", ShimsFolder = "/", InterpretersFile = "/" };
    private readonly TemporaryFolder _folder = new();
    private readonly FunctionCredentials _credentials;

    public AwsScopeTests() => _credentials = new(_folder.Path, TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CredentialsOfAFunction_NameItsAccount(bool inQuery)
    {
        var issued = _credentials.Issue(new("123456789012", "eu-central-1", "orders"));
        AwsScope.Of(Request(issued.AccessKeyId, issued.SessionToken, inQuery), Settings, _credentials).ShouldBe(new AwsScope("123456789012", "eu-west-1"));
        AwsScope.Of(Request(issued.AccessKeyId, "another", inQuery), Settings, _credentials).Account.ShouldBe(Settings.Account);
    }

    [Fact]
    public void AnyOtherCredentials_AreTakenAsTheyAre()
    {
        AwsScope.Of(Request("210987654321", null, false), Settings, _credentials).Account.ShouldBe("210987654321");
        AwsScope.Of(Request("AKIAIOSFODNN7EXAMPLE", null, false), Settings, _credentials).Account.ShouldBe(Settings.Account);
        AwsScope.Of(Request("ASIAIOSFODNN7EXAMPLE", "of-elsewhere", false), Settings, _credentials).Account.ShouldBe(Settings.Account);
    }

    [Fact]
    public void FunctionInItsOwnSandbox_IsInItsAccount_WhateverItSignsWith()
    {
        var caller = new CallingFunction(new("123456789012", "eu-central-1", "orders"));
        var unsigned = new DefaultHttpContext();
        unsigned.Features.Set(caller);
        AwsScope.Of(unsigned.Request, Settings, _credentials).ShouldBe(new AwsScope("123456789012", "eu-central-1"));

        var signed = Request("210987654321", null, false);
        signed.HttpContext.Features.Set(caller);
        AwsScope.Of(signed, Settings, _credentials).ShouldBe(new AwsScope("123456789012", "eu-west-1"));
    }

    private static HttpRequest Request(string key, string? token, bool inQuery)
    {
        var request = new DefaultHttpContext().Request;
        var credential = $"{key}/20260101/eu-west-1/lambda/aws4_request";
        if (inQuery)
        {
            request.QueryString = QueryString.Create("X-Amz-Algorithm", "AWS4-HMAC-SHA256").Add("X-Amz-Credential", credential)
                .Add("X-Amz-SignedHeaders", "host").Add("X-Amz-Signature", "00").Add("X-Amz-Security-Token", token ?? "");
            return request;
        }

        request.Headers.Authorization = $"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00";
        request.Headers["X-Amz-Security-Token"] = token;
        return request;
    }
}
