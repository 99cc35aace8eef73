using System.Text;
using Mayfly.Server.Dialects.Aws;
using Mayfly.Server.Dialects.Aws.Query;

namespace Mayfly.Server.Tests.Dialects.Aws.Query;

public sealed class QueryFormTests
{
    [Theory]
    [InlineData("MessageBody=a+b%20c%2Bd%26e%3D=f", "a b c+d&e==f")]
    [InlineData("MessageBody=%F0%9F%90%9D%0D%0A", "🐝\r\n")]
    [InlineData("MessageBody=grün", "grün")]
    [InlineData("Message%42ody=x", "x")]
    [InlineData("MessageBody=", "")]
    [InlineData("MessageBody", "")]
    [InlineData("&&MessageBody=first&MessageBody=last&", "last")]
    [InlineData("MessageBody=%00", "\0")]
    public void AValue_IsDecoded(string form, string value) => Read(form)["MessageBody"]!.Text.ShouldBe(value);

    [Theory]
    [InlineData("MessageBody=%")]
    [InlineData("MessageBody=%4")]
    [InlineData("MessageBody=%+4")]
    [InlineData("MessageBody=%zz")]
    [InlineData("MessageBody=%u0041")]
    [InlineData("MessageBody=%ff")]
    [InlineData("MessageBody=%ed%a0%80")]
    [InlineData("%c0%ae=x")]
    [InlineData("a.b.c.d.e.f.g.h.i.j.k.l.m=x")]
    public void WhatIsNoForm_IsRefused(string form) => Should.Throw<AwsException>(() => Read(form)).Type.ShouldBe("MalformedQueryString");

    [Fact]
    public void MoreFieldsThanAnyRequestNeeds_AreRefused() =>
        Should.Throw<AwsException>(() => Read(string.Join('&', Enumerable.Range(0, 5000).Select(static n => $"a.{n}=x")))).Type.ShouldBe("MalformedQueryString");

    [Fact]
    public void NumberedFields_ComeInTheirOrder_WhateverTheOrderInTheForm() =>
        Read("A.10=c&A.2=b&A.1=a&A.x=no&A.-1=no&A.99999999999=no")["A"]!.Numbered().Select(static node => node.Text).ShouldBe(["a", "b", "c"]);

    private static FormNode Read(string form) => QueryForm.Read(Encoding.UTF8.GetBytes(form));
}
