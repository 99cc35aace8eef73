using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>Which operation a request asks for: its method, what it is about, and the first subresource in its query that S3 knows.</summary>
internal static class S3Operations
{
    // Subresource, and the operations of GET, PUT, DELETE and POST; a dash where there is none.
    private static readonly (string Sub, string Get, string Put, string Delete, string Post)[] BucketTable =
    [
        ("delete", "-", "-", "-", "DeleteObjects"),
        ("versions", "ListObjectVersions", "-", "-", "-"),
        ("uploads", "ListMultipartUploads", "-", "-", "-"),
        ("location", "GetBucketLocation", "-", "-", "-"),
        ("versioning", "GetBucketVersioning", "PutBucketVersioning", "-", "-"),
        ("tagging", "GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging", "-"),
        ("cors", "GetBucketCors", "PutBucketCors", "DeleteBucketCors", "-"),
        ("lifecycle", "GetBucketLifecycleConfiguration", "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle", "-"),
        ("notification", "GetBucketNotificationConfiguration", "PutBucketNotificationConfiguration", "-", "-"),
        ("policy", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy", "-"),
        ("policyStatus", "GetBucketPolicyStatus", "-", "-", "-"),
        ("acl", "GetBucketAcl", "PutBucketAcl", "-", "-"),
        ("encryption", "GetBucketEncryption", "PutBucketEncryption", "DeleteBucketEncryption", "-"),
        ("ownershipControls", "GetBucketOwnershipControls", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls", "-"),
        ("publicAccessBlock", "GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock", "-"),
        ("website", "GetBucketWebsite", "PutBucketWebsite", "DeleteBucketWebsite", "-"),
        ("logging", "GetBucketLogging", "PutBucketLogging", "-", "-"),
        ("accelerate", "GetBucketAccelerateConfiguration", "PutBucketAccelerateConfiguration", "-", "-"),
        ("requestPayment", "GetBucketRequestPayment", "PutBucketRequestPayment", "-", "-"),
        ("object-lock", "GetObjectLockConfiguration", "PutObjectLockConfiguration", "-", "-"),
        ("analytics", "GetBucketAnalyticsConfiguration", "PutBucketAnalyticsConfiguration", "DeleteBucketAnalyticsConfiguration", "-"),
        ("inventory", "GetBucketInventoryConfiguration", "PutBucketInventoryConfiguration", "DeleteBucketInventoryConfiguration", "-"),
        ("metrics", "GetBucketMetricsConfiguration", "PutBucketMetricsConfiguration", "DeleteBucketMetricsConfiguration", "-"),
        ("intelligent-tiering", "GetBucketIntelligentTieringConfiguration", "PutBucketIntelligentTieringConfiguration", "DeleteBucketIntelligentTieringConfiguration", "-"),
        ("replication", "GetBucketReplication", "PutBucketReplication", "DeleteBucketReplication", "-"),
        ("metadataConfiguration", "GetBucketMetadataConfiguration", "-", "DeleteBucketMetadataConfiguration", "CreateBucketMetadataConfiguration"),
        ("metadataTable", "GetBucketMetadataTableConfiguration", "-", "DeleteBucketMetadataTableConfiguration", "CreateBucketMetadataTableConfiguration"),
        ("metadataInventoryTable", "-", "UpdateBucketMetadataInventoryTableConfiguration", "-", "-"),
        ("metadataJournalTable", "-", "UpdateBucketMetadataJournalTableConfiguration", "-", "-"),
        ("abac", "GetBucketAbac", "PutBucketAbac", "-", "-"),
        ("session", "CreateSession", "-", "-", "-"),
        ("list-type", "ListObjectsV2", "-", "-", "-"),
    ];

    private static readonly (string Sub, string Get, string Put, string Delete, string Post)[] ObjectTable =
    [
        ("uploads", "-", "-", "-", "CreateMultipartUpload"),
        ("attributes", "GetObjectAttributes", "-", "-", "-"),
        ("tagging", "GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging", "-"),
        ("acl", "GetObjectAcl", "PutObjectAcl", "-", "-"),
        ("retention", "GetObjectRetention", "PutObjectRetention", "-", "-"),
        ("legal-hold", "GetObjectLegalHold", "PutObjectLegalHold", "-", "-"),
        ("torrent", "GetObjectTorrent", "-", "-", "-"),
        ("select", "-", "-", "-", "SelectObjectContent"),
        ("restore", "-", "-", "-", "RestoreObject"),
        ("renameObject", "-", "RenameObject", "-", "-"),
        ("encryption", "-", "UpdateObjectEncryption", "-", "-"),
        ("uploadId", "ListParts", "UploadPart", "AbortMultipartUpload", "CompleteMultipartUpload"),
    ];

    /// <summary>All subresources.</summary>
    public static FrozenSet<string> Subresources { get; } = BucketTable.Concat(ObjectTable).Select(static row => row.Sub).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The operation, by its name in S3's model; a form's is <c>PostObject</c>, a preflight's <c>Preflight</c>.</summary>
    /// <exception cref="S3Exception">There is none such.</exception>
    public static string Find(S3Target target, string method, IQueryCollection query, IHeaderDictionary headers)
    {
        if (HttpMethods.IsOptions(method))
        {
            return "Preflight";
        }

        var name = target switch
        {
            { Bucket: null } => HttpMethods.IsGet(method) ? "ListBuckets" : "-",
            { Key: null } => ofBucket(),
            _ => ofObject(),
        };
        return name != "-" ? name : throw S3Errors.MethodNotAllowed(method, target.Key is not null ? "OBJECT" : target.Bucket is not null ? "BUCKET" : "SERVICE");

        string ofBucket()
        {
            if (InTable(BucketTable, method, query) is { } found)
            {
                return query.ContainsKey("id") || !HttpMethods.IsGet(method) || found is not ("GetBucketAnalyticsConfiguration" or "GetBucketInventoryConfiguration" or "GetBucketMetricsConfiguration" or "GetBucketIntelligentTieringConfiguration")
                    ? found
                    : "List" + found["Get".Length..] + "s";
            }

            return method switch
            {
                "GET" => "ListObjects",
                "HEAD" => "HeadBucket",
                "PUT" => "CreateBucket",
                "DELETE" => "DeleteBucket",
                "POST" => target.Bucket == "WriteGetObjectResponse" ? "WriteGetObjectResponse" : "PostObject",
                _ => "-",
            };
        }

        string ofObject()
        {
            var copies = headers.ContainsKey("x-amz-copy-source");
            if (HttpMethods.IsHead(method))
            {
                return "HeadObject";
            }

            if (InTable(ObjectTable, method, query) is { } found)
            {
                return found == "UploadPart" && copies ? "UploadPartCopy" : found;
            }

            return method switch
            {
                "GET" => "GetObject",
                "PUT" => copies ? "CopyObject" : "PutObject",
                "DELETE" => "DeleteObject",
                _ => "-",
            };
        }
    }

    private static string? InTable((string Sub, string Get, string Put, string Delete, string Post)[] table, string method, IQueryCollection query)
    {
        if (query.Count == 0)
        {
            return null;
        }

        foreach (var row in table)
        {
            if (query.ContainsKey(row.Sub))
            {
                return method switch
                {
                    "GET" => row.Get,
                    "PUT" => row.Put,
                    "DELETE" => row.Delete,
                    "POST" => row.Post,
                    _ => null,
                };
            }
        }

        return null;
    }
}
