using Mayfly.Server.Services;

namespace Mayfly.Server.Tests.Services;

public sealed class BucketDocumentsTests
{
    private const string Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    [Fact]
    public void Cors_IsWhatS3Writes() =>
        BucketDocuments.Cors("""[{"Id":"a","AllowedMethods":["GET","PUT"],"AllowedOrigins":["https://x.example"],"ExposedHeaders":["ETag"],"MaxAge":5}]""").ShouldBe(
            $"""<CORSConfiguration xmlns="{Namespace}"><CORSRule><ID>a</ID><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>https://x.example</AllowedOrigin><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>5</MaxAgeSeconds></CORSRule></CORSConfiguration>""");

    [Fact]
    public void Lifecycle_IsRules_AndWhatS3Writes()
    {
        var (document, rules) = BucketDocuments.Lifecycle(
            """[{"Id":"old","Status":"Enabled","Prefix":"tmp/","ExpirationInDays":7},{"Status":"Disabled","TagFilters":[{"Key":"k","Value":"v"}],"NoncurrentVersionExpiration":{"NoncurrentDays":3,"NewerNoncurrentVersions":2},"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1}}]""");

        rules.Select(static rule => $"{rule.Id} {rule.IsEnabled} {rule.Prefix} {rule.ExpirationDays} {rule.NoncurrentDays} {rule.NewerNoncurrentVersions} {rule.AbortUploadDays} {string.Join(',', rule.Tags)}")
            .ShouldBe(["old True tmp/ 7    ", "rule-2 False   3 2 1 [k, v]"]);
        document.ShouldBe($"<LifecycleConfiguration xmlns=\"{Namespace}\"><Rule><ID>old</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule>"
            + "<Rule><ID>rule-2</ID><Filter><And><Prefix></Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Status>Disabled</Status>"
            + "<NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>"
            + "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>");
    }

    [Theory]
    [InlineData("""[{"Status":"On"}]""", "Enabled or Disabled")]
    [InlineData("""[{"Status":"Enabled","ExpirationInDays":0}]""", "ExpirationInDays must be a positive whole number, not 0")]
    [InlineData("{}", "a list of maps")]
    public void WhatCannotBe_IsNamed(string rules, string problem) => Should.Throw<FormatException>(() => BucketDocuments.Lifecycle(rules)).Message.ShouldContain(problem);
}
