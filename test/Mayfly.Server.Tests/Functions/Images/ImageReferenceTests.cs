using Mayfly.Server.Functions.Images;

namespace Mayfly.Server.Tests.Functions.Images;

public sealed class ImageReferenceTests
{
    [Theory]
    [InlineData("orders", "orders:latest")]
    [InlineData("orders:1.0", "orders:1.0")]
    [InlineData("shop/orders:1", "shop/orders:1")]
    [InlineData("localhost/orders", "orders:latest")]
    [InlineData("localhost:5000/orders:2", "orders:2")]
    [InlineData("host:5000/orders", "orders:latest")]
    [InlineData("000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/orders:1", "shop/orders:1")]
    [InlineData("public.ecr.aws/lambda/python:3.12", "lambda/python:3.12")]
    public void Reference_MeansANameAndATag(string text, string meaning) => ImageReference.Parse(text)!.ToString().ShouldBe(meaning);

    [Theory]
    [InlineData("")]
    [InlineData("Orders")]
    [InlineData("orders:")]
    [InlineData("orders:a/b")]
    [InlineData("../orders")]
    [InlineData("orders/../x")]
    [InlineData("orders@sha256:12")]
    [InlineData("orders\n")]
    [InlineData("/orders")]
    [InlineData("-x")]
    public void OtherTexts_MeanNothing(string text) => ImageReference.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("orders", "orders@sha256:d")]
    [InlineData("host:5000/orders", "host:5000/orders@sha256:d")]
    [InlineData("host:5000/orders:1", "host:5000/orders@sha256:d")]
    [InlineData("orders:1@sha256:e", "orders@sha256:d")]
    public void Resolved_HasTheDigestInsteadOfTheTag(string text, string resolved) => ImageReference.Resolve(text, "d").ShouldBe(resolved);
}
