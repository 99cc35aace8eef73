using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Tests.Resources.Topics;

public sealed class NotificationTests : IDisposable
{
    private const string Arn = "arn:aws:sns:us-east-1:000000000000:t:00000000-0000-0000-0000-000000000001";

    private static readonly DateTimeOffset At = new(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero);
    private static readonly NotificationUrls Urls = new("http://127.0.0.1:4566");

    private static readonly TopicMessage Message = new()
    {
        Id = "11111111-2222-3333-4444-555555555555",
        Text = "hello \"wörld\"",
        Subject = "greeting",
        Attributes = ImmutableSortedDictionary<string, TopicMessageAttribute>.Empty.Add("n", new("Number", "5")).Add("b", new("Binary", "AAE=")),
    };

    private readonly SigningKey _key;

    public NotificationTests()
    {
        var (key, certificate) = SigningKey.Make(At);
        _key = new(key, certificate);
    }

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Queues_GetAnEnvelope() => Shown(Made(Message).Envelope(Arn)).ShouldBe(
        """
        {"Type":"Notification","MessageId":"11111111-2222-3333-4444-555555555555","TopicArn":"arn:aws:sns:us-east-1:000000000000:t","Subject":"greeting","Message":"hello \"wörld\"","Timestamp":"2026-03-04T05:06:07.089Z","SignatureVersion":"1","Signature":"SIGNATURE","SigningCertURL":"http://127.0.0.1:4566/SimpleNotificationService-ID.pem","UnsubscribeURL":"http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:000000000000:t:00000000-0000-0000-0000-000000000001","MessageAttributes":{"b":{"Type":"Binary","Value":"AAE="},"n":{"Type":"Number","Value":"5"}}}
        """);

    [Fact]
    public void Functions_GetARecord_WithTheirSpellingOfUrls() => Shown(Made(Message with { Subject = null, Attributes = TopicMessage.NoAttributes }).FunctionEvent(Arn)).ShouldBe(
        """
        {"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:us-east-1:000000000000:t:00000000-0000-0000-0000-000000000001","Sns":{"Type":"Notification","MessageId":"11111111-2222-3333-4444-555555555555","TopicArn":"arn:aws:sns:us-east-1:000000000000:t","Subject":null,"Message":"hello \"wörld\"","Timestamp":"2026-03-04T05:06:07.089Z","SignatureVersion":"1","Signature":"SIGNATURE","SigningCertUrl":"http://127.0.0.1:4566/SimpleNotificationService-ID.pem","UnsubscribeUrl":"http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:000000000000:t:00000000-0000-0000-0000-000000000001","MessageAttributes":{}}}]}
        """);

    [Fact]
    public void ATopicThatKeepsOrder_NumbersItsMessages_AndSignsNone() =>
        Encoding.UTF8.GetString(new Notification(Topic("1"), Message with { Subject = null, Attributes = TopicMessage.NoAttributes }, "x", At, null, Urls) { Sequence = 7 }.Envelope(Arn)).ShouldBe(
            """
            {"Type":"Notification","MessageId":"11111111-2222-3333-4444-555555555555","SequenceNumber":"00000000000000000007","TopicArn":"arn:aws:sns:us-east-1:000000000000:t","Message":"x","Timestamp":"2026-03-04T05:06:07.089Z","UnsubscribeURL":"http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:000000000000:t:00000000-0000-0000-0000-000000000001"}
            """);

    [Theory]
    [InlineData("1", "greeting")]
    [InlineData("2", null)]
    public void TheSignature_IsThatOfTheCertificate(string version, string? subject)
    {
        var body = JsonNode.Parse(new Notification(Topic(version), Message with { Subject = subject }, Message.Text, At, _key, Urls).Envelope(Arn))!;
        var signed = new StringBuilder();
        foreach (var name in new[] { "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type" })
        {
            if ((string?)body[name] is { } value)
            {
                signed.Append(name).Append('\n').Append(value).Append('\n');
            }
        }

        ((string?)body["SignatureVersion"]).ShouldBe(version);
        using var certificate = X509Certificate2.CreateFromPem(_key.CertificatePem);
        using var rsa = certificate.GetRSAPublicKey()!;
        rsa.VerifyData(Encoding.UTF8.GetBytes(signed.ToString()), Convert.FromBase64String((string)body["Signature"]!), version == "1" ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).ShouldBeTrue();
    }

    private static Topic Topic(string version) => new() { Key = new("000000000000", "us-east-1", "t"), Attributes = TopicAttributes.None.Add(TopicAttributes.SignatureVersion, version) };

    private Notification Made(TopicMessage message) => new(Topic("1"), message, message.Text, At, _key, Urls);

    private string Shown(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body).Replace(_key.Id, "ID", StringComparison.Ordinal);
        var begin = text.IndexOf("\"Signature\":\"", StringComparison.Ordinal) + 13;
        return text[..begin] + "SIGNATURE" + text[text.IndexOf('"', begin)..];
    }
}
