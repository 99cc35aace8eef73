using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>The requests to the store of a <see cref="RemotePlace"/>. Whatever goes wrong is a <see cref="StoreException"/> that names it.</summary>
internal sealed class RemoteBucket : IDisposable
{
    private const long Once = 64L * 1024 * 1024;
    private const string Bytes = "application/octet-stream";
    private const long Part = 16L * 1024 * 1024;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RequestLimit = TimeSpan.FromMinutes(5);

    private readonly RemotePlace _place;
    private readonly AmazonS3Client _client;

    /// <summary>Asks nothing of the store yet. The keys are those of the environment.</summary>
    /// <exception cref="StoreException">There are no keys.</exception>
    public RemoteBucket(RemotePlace place)
    {
        _place = place;
        var config = new AmazonS3Config
        {
            MaxErrorRetry = 2,
            ConnectTimeout = ConnectLimit,
            Timeout = RequestLimit,
            IgnoreConfiguredEndpointUrls = true,

            // Stores that are not Amazon's do not know the newer checksums. The body is covered by the request's signature.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (place.Endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(place.Region);
        }
        else
        {
            (config.ServiceURL, config.AuthenticationRegion, config.ForcePathStyle) = (place.Endpoint.ToString(), place.Region, true);
        }

        try
        {
            _client = new(new EnvironmentVariablesAWSCredentials(), config);
        }
        catch (InvalidOperationException e)
        {
            throw new StoreException($"Contents of objects go to {place}, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set. Set them for the command that starts the server.", e);
        }
    }

    /// <summary>Uploads a file: in parts above 64 MiB.</summary>
    public Task UploadAsync(string name, string file) => RunAsync(
        name,
        "write",
        async () =>
        {
            var length = new FileInfo(file).Length;
            if (length > Once)
            {
                await UploadPartsAsync(Key(name), file, length);
            }
            else
            {
                // A body in chunks, which the library else sends, is stored by some stores with the chunks' frames in it.
                await _client.PutObjectAsync(new PutObjectRequest { BucketName = _place.Bucket, Key = Key(name), FilePath = file, ContentType = Bytes, UseChunkEncoding = false });
            }

            return true;
        },
        CancellationToken.None);

    /// <summary>Begins to read a range.</summary>
    /// <param name="name">Of what.</param>
    /// <param name="first">Its first byte.</param>
    /// <param name="last">Its last byte.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<GetObjectResponse> GetAsync(string name, long first, long last, CancellationToken cancellationToken) => RunAsync(
        name,
        "read",
        () => _client.GetObjectAsync(new GetObjectRequest { BucketName = _place.Bucket, Key = Key(name), ByteRange = new(first, last) }, cancellationToken),
        cancellationToken);

    /// <summary>Deletes an object, or nothing.</summary>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) => RunAsync(
        name,
        "delete",
        () => _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _place.Bucket, Key = Key(name) }, cancellationToken),
        cancellationToken);

    /// <summary>Ends uploads in parts that were not completed.</summary>
    public Task AbortAsync(string name, CancellationToken cancellationToken) => RunAsync(
        name,
        "delete the parts of",
        async () =>
        {
            try
            {
                var begun = await _client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _place.Bucket, Prefix = Key(name) }, cancellationToken);
                foreach (var upload in begun.MultipartUploads ?? [])
                {
                    await _client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = _place.Bucket, Key = upload.Key, UploadId = upload.UploadId }, cancellationToken);
                }
            }
            catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotImplemented)
            {
                // Not every store can list them; those have rules to remove them.
            }

            return true;
        },
        cancellationToken);

    /// <summary>What a failure is for who asked for a content.</summary>
    public StoreException Failed(string name, string verb, Exception cause)
    {
        var place = $"bucket '{_place.Bucket}' at {_place.Endpoint?.GetLeftPart(UriPartial.Authority) ?? "Amazon S3"}";
        return cause is AmazonS3Exception { ErrorCode: "NoSuchKey" }
            ? new($"The content '{Key(name)}' is missing in {place}: somebody else deleted it.", cause)
            : new($"Mayfly could not {verb} the content '{Key(name)}' in {place} ({cause.Message.TrimEnd('.')}).", cause);
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private string Key(string name) => _place.Prefix + name;

    // What is not completed is aborted before the content is deleted.
    private async Task UploadPartsAsync(string key, string file, long length)
    {
        var upload = (await _client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = _place.Bucket, Key = key, ContentType = Bytes })).UploadId;
        var parts = new List<PartETag>();
        for (var offset = 0L; offset < length; offset += Part)
        {
            var made = await _client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = _place.Bucket,
                Key = key,
                UploadId = upload,
                PartNumber = parts.Count + 1,
                FilePath = file,
                FilePosition = offset,
                PartSize = Math.Min(Part, length - offset),
                UseChunkEncoding = false,
            });
            parts.Add(new(parts.Count + 1, made.ETag));
        }

        await _client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = _place.Bucket, Key = key, UploadId = upload, PartETags = parts });
    }

    private async Task<T> RunAsync<T>(string name, string verb, Func<Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await request();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or OperationCanceledException)
        {
            throw Failed(name, verb, e);
        }
    }
}
