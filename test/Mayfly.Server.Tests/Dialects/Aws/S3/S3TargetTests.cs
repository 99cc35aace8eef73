using Mayfly.Server.Dialects.Aws.S3;

namespace Mayfly.Server.Tests.Dialects.Aws.S3;

public sealed class S3TargetTests
{
    [Theory]
    [InlineData("127.0.0.1", "/", null, null)]
    [InlineData("127.0.0.1", "/b", "b", null)]
    [InlineData("127.0.0.1", "/b/", "b", null)]
    [InlineData("localhost", "/b/k", "b", "k")]
    [InlineData("s3.localhost", "/b/k", "b", "k")]
    [InlineData("s3.eu-west-1.localhost", "/b/k", "b", "k")]
    [InlineData("b.localhost", "/", "b", null)]
    [InlineData("b.localhost", "/k/l", "b", "k/l")]
    [InlineData("B.S3.LOCALHOST.", "/k", "b", "k")]
    [InlineData("b.s3.us-east-1.localhost", "/k", "b", "k")]
    [InlineData("b.s3-us-west-2.localhost", "/k", "b", "k")]
    [InlineData("my.dotted.bucket.s3.localhost", "/k", "my.dotted.bucket", "k")]
    [InlineData("abc.lambda-url.us-east-1.localhost", "/b", "b", null)]
    [InlineData("[::1]", "/b/a//../b%20/", "b", "a//../b /")]
    [InlineData("127.0.0.1", "/b/a+b%2Bc%2F%C3%BC", "b", "a+b+c/ü")]
    [InlineData("127.0.0.1", "/b//", "b", "/")]
    public void HostAndPath_NameBucketAndKey(string host, string path, string? bucket, string? key)
    {
        var target = S3Target.Read(host, path);
        (target.Bucket, target.Key).ShouldBe((bucket, key));
    }

    [Theory]
    [InlineData("/b/%00")]
    [InlineData("/b/a%zz")]
    [InlineData("/b/a%4")]
    [InlineData("/b/%ff%fe")]
    [InlineData("/b/%ed%a0%80")]
    public void WhatIsNoText_IsRefused(string path) => S3Requests.Refused(() => S3Target.Read("127.0.0.1", path)).ShouldBe("400 InvalidURI: Couldn't parse the specified URI.");
}
