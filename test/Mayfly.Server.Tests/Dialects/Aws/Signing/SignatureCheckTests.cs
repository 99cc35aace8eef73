using System.Net;
using System.Text;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Functions;
using Mayfly.Server.Tests.Dialects.Aws.Lambda;
using Mayfly.Server.Tests.Dialects.Http;

namespace Mayfly.Server.Tests.Dialects.Aws.Signing;

/// <summary>Signed requests at the doors: of keys that the server knows the secret of, and of others.</summary>
public sealed class SignatureCheckTests
{
    private static readonly SignatureCheck Check = new((key, token) => key == "ASIAISSUED" && token == "token" ? "the secret" : null, TimeProvider.System);

    [Fact]
    public async Task LambdaApi_TakesARightSignature_AndRefusesAWrongOne_WhoeverSends()
    {
        await using var server = await LambdaServer.StartAsync(Check);
        await server.Boto3Async("""
            import urllib.error
            from botocore.auth import SigV4Auth
            from botocore.awsrequest import AWSRequest
            from botocore.credentials import Credentials
            def issued(secret='the secret', token='token'):
                return dict(aws_access_key_id='ASIAISSUED', aws_secret_access_key=secret, aws_session_token=token)
            lam = client(**issued())
            create()
            assert lam.get_function(FunctionName='arn:aws:lambda:us-east-1:000000000000:function:f')['Configuration']['FunctionName'] == 'f'
            lam.tag_resource(Resource='arn:aws:lambda:us-east-1:000000000000:function:f', Tags={'a b+c/ü': 'x'})
            lam.untag_resource(Resource='arn:aws:lambda:us-east-1:000000000000:function:f', TagKeys=['a b+c/ü', '~*'])
            words = 'The request signature we calculated does not match the signature you provided.'
            bad = client(**issued(secret='guess'))
            r = refused('InvalidSignatureException', 403, words, bad.get_function, FunctionName='f')
            refused('InvalidSignatureException', 403, words, bad.delete_function, FunctionName='f')
            client(aws_access_key_id='anybody', aws_secret_access_key='any').get_function(FunctionName='f')
            client(**issued(token='other')).get_function(FunctionName='f')

            # The same by a plain client.
            def plain(secret, path, method='GET', body=b''):
                request = AWSRequest(method, os.environ['MAYFLY_TEST_ENDPOINT'].rstrip('/') + path, data=body, headers={'Content-Type': 'application/json'})
                SigV4Auth(Credentials('ASIAISSUED', secret, 'token'), 'lambda', 'us-east-1').add_auth(request)
                sent = urllib.request.Request(request.url, data=body or None, headers=dict(request.headers), method=method)
                try:
                    with urllib.request.urlopen(sent) as answer:
                        return answer.status, json.load(answer), answer.headers
                except urllib.error.HTTPError as e:
                    return e.code, json.loads(e.read()), e.headers
            status, answer, _ = plain('the secret', '/2015-03-31/functions/f')
            same = lam.get_function(FunctionName='f')
            assert status == 200 and same['Configuration'].items() <= answer['Configuration'].items() and answer['Code'] == same['Code'], (answer, same)
            status, answer, headers = plain('guess', '/2015-03-31/functions/f')
            assert (status, list(answer), headers['x-amzn-ErrorType']) == (403, ['message'], 'InvalidSignatureException') and answer['message'].startswith(words), answer
            status, answer, _ = plain('the secret', '/2017-10-31/functions/f/concurrency', 'PUT', b'{"ReservedConcurrentExecutions":3}')
            assert status == 200 and answer == {'ReservedConcurrentExecutions': 3}, answer
            """);
    }

    [Fact]
    public async Task FunctionUrl_TakesARightSignature_AndRefusesAWrongOneWithoutRunning()
    {
        await using var server = await HttpDoorsFixture.StartAsync(new FunctionUrl { Id = "u1", AuthType = "AWS_IAM" }, signatures: Check);
        (await SendAsync(server, "the secret", "POST", "/_url/hello/a%20b?x=1&y=%2F", "body")).StatusCode.ShouldBe(HttpStatusCode.OK);
        Encoding.UTF8.GetString(Convert.FromBase64String((string)server.Event["body"]!)).ShouldBe("body");
        ((string?)server.Event["requestContext"]!["authorizer"]!["iam"]!["accessKey"]).ShouldBe("ASIAISSUED");

        var refused = await SendAsync(server, "guess", "POST", "/_url/hello/", "body");
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        refused.Headers.GetValues("x-amzn-ErrorType").ShouldBe(["InvalidSignatureException"]);
        (await refused.Content.ReadAsStringAsync()).ShouldBe("""{"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}""");

        (await SendAsync(server, "the secret", "POST", "/_url/hello/", "body", sign: "other body")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(server, "the secret", "POST", "/_url/hello/", "body", sign: "other body", unsigned: true)).StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Requests.Count.ShouldBe(2);
        (await server.SendAsync("GET", "/_url/hello/")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await server.SendAsync("GET", "/_url/hello/", null, ("Authorization", "AWS4-HMAC-SHA256 Credential=A/20240101/us-east-1/lambda/aws4_request"))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        server.Requests.Count.ShouldBe(2);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpDoorsFixture server, string secret, string method, string target, string body, string? sign = null, bool unsigned = false)
    {
        var headers = RequestSigner.Sign(new("ASIAISSUED", secret, "token"), method, server.Host.Address.Authority, target, Encoding.UTF8.GetBytes(sign ?? body), DateTimeOffset.UtcNow, unsigned);
        return server.SendAsync(method, target, new ByteArrayContent(Encoding.UTF8.GetBytes(body)), [.. headers]);
    }
}
