using System.Collections.Frozen;
using Mayfly.Server.Dialects.Aws.S3.Auth;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>The operations of S3 that are served.</summary>
internal sealed class S3Service
{
    private readonly FrozenDictionary<string, Func<S3Call, Task>> _served;

    public S3Service(S3Parts parts, PostPolicy policies, ILogger log)
    {
        var (buckets, settings, notifications) = (new BucketsResource(parts, log), new BucketSettingsResource(parts), new NotificationResource(parts));
        var (objects, about, uploads, listings) = (new ObjectsResource(parts), new ObjectSettingsResource(parts), new UploadsResource(parts), new ListingsResource(parts));
        _served = new Dictionary<string, Func<S3Call, Task>>(StringComparer.Ordinal)
        {
            ["ListBuckets"] = buckets.ListAsync,
            ["CreateBucket"] = buckets.CreateAsync,
            ["HeadBucket"] = buckets.HeadAsync,
            ["DeleteBucket"] = buckets.DeleteAsync,
            ["GetBucketLocation"] = buckets.LocationAsync,
            ["GetBucketVersioning"] = settings.GetVersioningAsync,
            ["PutBucketVersioning"] = settings.PutVersioningAsync,
            ["GetBucketTagging"] = settings.GetTagsAsync,
            ["PutBucketTagging"] = settings.PutTagsAsync,
            ["DeleteBucketTagging"] = settings.DeleteTagsAsync,
            ["GetBucketAcl"] = settings.GetAclAsync,
            ["PutBucketAcl"] = settings.PutAclAsync,
            ["GetBucketPolicy"] = settings.GetPolicyAsync,
            ["PutBucketPolicy"] = settings.PutPolicyAsync,
            ["DeleteBucketPolicy"] = settings.Delete("policy"),
            ["GetBucketPolicyStatus"] = settings.PolicyStatusAsync,
            ["GetBucketCors"] = settings.Get("cors"),
            ["PutBucketCors"] = settings.Put("cors"),
            ["DeleteBucketCors"] = settings.Delete("cors"),
            ["GetBucketLifecycleConfiguration"] = settings.Get("lifecycle"),
            ["PutBucketLifecycleConfiguration"] = settings.Put("lifecycle"),
            ["DeleteBucketLifecycle"] = settings.Delete("lifecycle"),
            ["GetBucketEncryption"] = settings.Get("encryption"),
            ["PutBucketEncryption"] = settings.Put("encryption"),
            ["DeleteBucketEncryption"] = settings.Delete("encryption"),
            ["GetBucketOwnershipControls"] = settings.Get("ownershipControls"),
            ["PutBucketOwnershipControls"] = settings.Put("ownershipControls"),
            ["DeleteBucketOwnershipControls"] = settings.Delete("ownershipControls"),
            ["GetPublicAccessBlock"] = settings.Get("publicAccessBlock"),
            ["PutPublicAccessBlock"] = settings.Put("publicAccessBlock"),
            ["DeletePublicAccessBlock"] = settings.Delete("publicAccessBlock"),
            ["GetBucketWebsite"] = settings.Get("website"),
            ["PutBucketWebsite"] = settings.Put("website"),
            ["DeleteBucketWebsite"] = settings.Delete("website"),
            ["GetBucketLogging"] = settings.Get("logging"),
            ["PutBucketLogging"] = settings.Put("logging"),
            ["GetBucketAccelerateConfiguration"] = settings.Get("accelerate"),
            ["PutBucketAccelerateConfiguration"] = settings.Put("accelerate"),
            ["GetBucketRequestPayment"] = settings.Get("requestPayment"),
            ["PutBucketRequestPayment"] = settings.Put("requestPayment"),
            ["GetObjectLockConfiguration"] = settings.Get("object-lock"),
            ["GetBucketNotificationConfiguration"] = notifications.GetAsync,
            ["PutBucketNotificationConfiguration"] = notifications.PutAsync,
            ["ListObjects"] = listings.ListAsync,
            ["ListObjectsV2"] = listings.ListNewAsync,
            ["ListObjectVersions"] = listings.ListVersionsAsync,
            ["DeleteObjects"] = new DeletesResource(parts).DeleteAsync,
            ["PostObject"] = new FormResource(parts, policies).PostAsync,
            ["PutObject"] = objects.PutAsync,
            ["GetObject"] = objects.GetAsync,
            ["HeadObject"] = objects.GetAsync,
            ["DeleteObject"] = objects.DeleteAsync,
            ["CopyObject"] = new CopyResource(parts).CopyAsync,
            ["GetObjectAttributes"] = about.GetAttributesAsync,
            ["GetObjectTagging"] = about.GetTagsAsync,
            ["PutObjectTagging"] = about.PutTagsAsync,
            ["DeleteObjectTagging"] = about.DeleteTagsAsync,
            ["GetObjectAcl"] = about.GetAclAsync,
            ["PutObjectAcl"] = about.PutAclAsync,
            ["CreateMultipartUpload"] = uploads.CreateAsync,
            ["UploadPart"] = uploads.PutPartAsync,
            ["UploadPartCopy"] = uploads.CopyPartAsync,
            ["CompleteMultipartUpload"] = uploads.CompleteAsync,
            ["AbortMultipartUpload"] = uploads.AbortAsync,
            ["ListParts"] = uploads.ListPartsAsync,
            ["ListMultipartUploads"] = uploads.ListAsync,
        }.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Serves a request.</summary>
    /// <exception cref="S3Exception">It is refused.</exception>
    public Task RunAsync(S3Call call) => (_served.GetValueOrDefault(call.Operation) ?? throw S3Errors.NotServed(call.Operation))(call);
}
