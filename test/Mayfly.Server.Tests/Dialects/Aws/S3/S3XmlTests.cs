using System.Text;
using System.Xml.Linq;
using Mayfly.Server.Dialects.Aws.S3;

namespace Mayfly.Server.Tests.Dialects.Aws.S3;

public sealed class S3XmlTests
{
    [Theory]
    [InlineData("<Delete><Object><Key>a</Key></Object></Delete>")]
    [InlineData("<?xml version=\"1.0\"?><Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a</Key></Object></Delete>")]
    [InlineData("\uFEFF<x:Delete xmlns:x=\"any\"><x:Object>\n<x:Key>a</x:Key></x:Object></x:Delete>")]
    public void Names_AreComparedWithoutTheirNamespace(string text) => Read(text).One("Object")!.Text("Key").ShouldBe("a");

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("<Delete>")]
    [InlineData("<Other/>")]
    [InlineData("<Delete/><Delete/>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"b\">]><Delete>&b;</Delete>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><Delete>&b;</Delete>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;\">]><Delete>&d;&d;&d;</Delete>")]
    [InlineData("<Delete>&undefined;</Delete>")]
    [InlineData("<Delete a='1' a='2'/>")]
    public void WhatIsNoSuchDocument_IsRefused(string text) =>
        S3Requests.Refused(() => Read(text)).ShouldBe("400 MalformedXML: The XML you provided was not well-formed or did not validate against our published schema");

    [Fact]
    public void ADeepDocument_IsRefused_BeforeItIsATree() =>
        S3Requests.Refused(() => Read($"<Delete>{string.Concat(Enumerable.Repeat("<a>", 100_000))}")).ShouldStartWith("400 MalformedXML");

    [Fact]
    public void Answers_HaveTheNamespace_AndCarryWhatXmlCannot()
    {
        var text = Encoding.UTF8.GetString(S3Xml.Write(new XElement("A", new XElement("B", "a\u0001<&\"\r\n"), XElement.Parse("<C xmlns='old'><D/></C>"))));
        text.ShouldBe("<?xml version=\"1.0\" encoding=\"utf-8\"?><A xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><B>a&#x1;&lt;&amp;\"&#xD;\n</B><C><D /></C></A>");
    }

    [Fact]
    public void Lifecycle_IsReadAsRules()
    {
        var rules = LifecycleResource.Read(XElement.Parse("""
            <LifecycleConfiguration>
              <Rule><ID>a</ID><Status>Enabled</Status><Filter><And><Prefix>logs/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag><ObjectSizeGreaterThan>10</ObjectSizeGreaterThan></And></Filter><Expiration><Days>3</Days></Expiration></Rule>
              <Rule><Status>Disabled</Status><Prefix/><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>
            </LifecycleConfiguration>
            """));
        rules.Length.ShouldBe(2);
        (rules[0].Id, rules[0].IsEnabled, rules[0].Prefix, rules[0].Tags["k"], rules[0].SizeGreaterThan, rules[0].ExpirationDays).ShouldBe(("a", true, "logs/", "v", 10L, 3));
        (rules[1].Id.Length, rules[1].IsEnabled, rules[1].AbortUploadDays).ShouldBe((36, false, 7));
    }

    [Theory]
    [InlineData("<Rule><Status>Enabled</Status><Expiration><Days>3</Days></Expiration></Rule>", "MalformedXML")]
    [InlineData("<Rule><Status>On</Status><Prefix/><Expiration><Days>3</Days></Expiration></Rule>", "MalformedXML")]
    [InlineData("<Rule><Status>Enabled</Status><Prefix/></Rule>", "InvalidRequest")]
    [InlineData("<Rule><Status>Enabled</Status><Prefix/><Expiration><Days>0</Days></Expiration></Rule>", "InvalidArgument")]
    [InlineData("<Rule><Status>Enabled</Status><Prefix/><Expiration><Date>2026-01-01T10:00:00Z</Date></Expiration></Rule>", "InvalidArgument")]
    [InlineData("<Rule><Status>Enabled</Status><Filter><Prefix>a</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></Filter><Expiration><Days>1</Days></Expiration></Rule>", "MalformedXML")]
    [InlineData("<Rule><ID>a</ID><Status>Enabled</Status><Prefix/><Expiration><Days>1</Days></Expiration></Rule><Rule><ID>a</ID><Status>Enabled</Status><Prefix/><Expiration><Days>1</Days></Expiration></Rule>", "InvalidArgument")]
    [InlineData("", "MalformedXML")]
    public void LifecycleThatIsNone_IsRefused(string rules, string code) =>
        Should.Throw<S3Exception>(() => LifecycleResource.Read(XElement.Parse($"<LifecycleConfiguration>{rules}</LifecycleConfiguration>"))).Code.ShouldBe(code);

    [Fact]
    public void Notifications_AreReadAsRules()
    {
        var settings = NotificationResource.Read(XElement.Parse("""
            <NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <CloudFunctionConfiguration><Id>f</Id><CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:f</CloudFunction><Event>s3:ObjectCreated:*</Event>
                <Filter><S3Key><FilterRule><Name>prefix</Name><Value>in/</Value></FilterRule><FilterRule><Name>SUFFIX</Name><Value>.jpg</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>
              <QueueConfiguration><Queue>arn:aws:sqs:us-east-1:000000000000:q</Queue><Event>s3:ObjectRemoved:*</Event></QueueConfiguration>
              <EventBridgeConfiguration/>
            </NotificationConfiguration>
            """));
        settings.EventBridge.ShouldBeTrue();
        settings.Rules.Select(static rule => (rule.TargetArn[8..11], rule.Events[0], rule.Prefix, rule.Suffix)).ShouldBe([("sqs", "s3:ObjectRemoved:*", null, null), ("lam", "s3:ObjectCreated:*", "in/", ".jpg")]);
        settings.Rules[1].Id.ShouldBe("f");
    }

    [Theory]
    [InlineData("<CloudFunction>f</CloudFunction><Event>s3:ObjectCreated:*</Event>", "The ARN could not be parsed")]
    [InlineData("<CloudFunction>arn:aws:sqs:us-east-1:000000000000:q</CloudFunction><Event>s3:ObjectCreated:*</Event>", "The ARN could not be parsed")]
    [InlineData("<CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:f</CloudFunction><Event>s3:Created</Event>", "The event is not supported for notifications")]
    [InlineData("<CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:f</CloudFunction><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>infix</Name><Value>a</Value></FilterRule></S3Key></Filter>", "filter rule name must be either prefix or suffix")]
    [InlineData("<CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:f</CloudFunction><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value/></FilterRule></S3Key></Filter>", "filter value cannot be empty")]
    public void ANotificationThatIsNone_IsRefused(string rule, string message) =>
        S3Requests.Refused(() => NotificationResource.Read(XElement.Parse($"<NotificationConfiguration><CloudFunctionConfiguration>{rule}</CloudFunctionConfiguration></NotificationConfiguration>"))).ShouldBe($"400 InvalidArgument: {message}");

    [Fact]
    public void NotificationsThatOverlap_AreRefused()
    {
        const string one = "<CloudFunctionConfiguration><CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:f</CloudFunction><Event>s3:ObjectCreated:{0}</Event></CloudFunctionConfiguration>";
        NotificationResource.Read(XElement.Parse("<NotificationConfiguration>" + one.Replace("{0}", "Put") + one.Replace("{0}", "Copy") + "</NotificationConfiguration>")).Rules.Length.ShouldBe(2);
        S3Requests.Refused(() => NotificationResource.Read(XElement.Parse("<NotificationConfiguration>" + one.Replace("{0}", "Put") + one.Replace("{0}", "*") + "</NotificationConfiguration>")))
            .ShouldStartWith("400 InvalidArgument: Configuration is ambiguously defined.");
    }

    private static XElement Read(string text) => S3Xml.Read(Encoding.UTF8.GetBytes(text), "Delete");
}
