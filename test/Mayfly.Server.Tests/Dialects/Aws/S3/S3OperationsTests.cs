using Mayfly.Server.Dialects.Aws.S3;

namespace Mayfly.Server.Tests.Dialects.Aws.S3;

public sealed class S3OperationsTests
{
    [Theory]
    [InlineData("GET /", "ListBuckets")]
    [InlineData("GET /?x-id=ListBuckets", "ListBuckets")]
    [InlineData("PUT /b", "CreateBucket")]
    [InlineData("PUT /b/", "CreateBucket")]
    [InlineData("HEAD /b", "HeadBucket")]
    [InlineData("DELETE /b", "DeleteBucket")]
    [InlineData("GET /b?prefix=x", "ListObjects")]
    [InlineData("GET /b?list-type=2&prefix=x", "ListObjectsV2")]
    [InlineData("GET /b?versions", "ListObjectVersions")]
    [InlineData("GET /b/?versions=", "ListObjectVersions")]
    [InlineData("GET /b?uploads", "ListMultipartUploads")]
    [InlineData("POST /b/?delete=", "DeleteObjects")]
    [InlineData("POST /b", "PostObject")]
    [InlineData("GET /b?lifecycle", "GetBucketLifecycleConfiguration")]
    [InlineData("DELETE /b?lifecycle", "DeleteBucketLifecycle")]
    [InlineData("PUT /b?policy", "PutBucketPolicy")]
    [InlineData("GET /b?metrics", "ListBucketMetricsConfigurations")]
    [InlineData("GET /b?metrics&id=1", "GetBucketMetricsConfiguration")]
    [InlineData("GET /b/k", "GetObject")]
    [InlineData("GET /b/k?versionId=1", "GetObject")]
    [InlineData("GET /b/k?partNumber=1", "GetObject")]
    [InlineData("GET /b/k?unknown", "GetObject")]
    [InlineData("GET /b/uploads", "GetObject")]
    [InlineData("HEAD /b/k", "HeadObject")]
    [InlineData("HEAD /b/k?uploadId=1", "HeadObject")]
    [InlineData("PUT /b/k?x-id=PutObject", "PutObject")]
    [InlineData("PUT /b/k copy", "CopyObject")]
    [InlineData("PUT /b/k?partNumber=1&uploadId=2", "UploadPart")]
    [InlineData("PUT /b/k?partNumber=1&uploadId=2 copy", "UploadPartCopy")]
    [InlineData("POST /b/k?uploads=", "CreateMultipartUpload")]
    [InlineData("POST /b/k?uploadId=2", "CompleteMultipartUpload")]
    [InlineData("GET /b/k?uploadId=2", "ListParts")]
    [InlineData("DELETE /b/k?uploadId=2", "AbortMultipartUpload")]
    [InlineData("DELETE /b/k?tagging", "DeleteObjectTagging")]
    [InlineData("GET /b/k?attributes", "GetObjectAttributes")]
    [InlineData("PUT /b/k?encryption", "UpdateObjectEncryption")]
    [InlineData("OPTIONS /b/k", "Preflight")]
    [InlineData("POST /b/k", "405 MethodNotAllowed: The specified method is not allowed against this resource.")]
    [InlineData("PATCH /b/k", "405 MethodNotAllowed: The specified method is not allowed against this resource.")]
    [InlineData("DELETE /", "405 MethodNotAllowed: The specified method is not allowed against this resource.")]
    [InlineData("DELETE /b?versions", "405 MethodNotAllowed: The specified method is not allowed against this resource.")]
    public void MethodTargetAndQuery_TellTheOperation(string request, string operation)
    {
        var words = request.Split(' ');
        var context = S3Requests.Make(words[0], "http://127.0.0.1:4566" + words[1], words.Length > 2 ? [("x-amz-copy-source", "b/k")] : []);
        var target = S3Target.Read("127.0.0.1", words[1].Split('?')[0]);
        string found;
        try
        {
            found = S3Operations.Find(target, words[0], context.Request.Query, context.Request.Headers);
        }
        catch (S3Exception e)
        {
            found = $"{e.Status} {e.Code}: {e.Message}";
        }

        found.ShouldBe(operation);
    }
}
