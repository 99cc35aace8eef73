using System.Xml.Linq;
using Mayfly.Server.Resources.Objects;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>Buckets themselves.</summary>
/// <param name="parts">What the door works with.</param>
/// <param name="log">Where odd names are told.</param>
internal sealed partial class BucketsResource(S3Parts parts, ILogger log)
{
    private const int MostListed = 10_000;

    /// <summary>ListBuckets: those of the caller's account.</summary>
    public Task ListAsync(S3Call call)
    {
        if (call.Signer.Service == "s3express")
        {
            throw S3Errors.NotServed("ListDirectoryBuckets");
        }

        var (max, prefix, region, after) = (call.Number("max-buckets", MostListed, MostListed), call.Query("prefix"), call.Query("bucket-region"), call.Query("continuation-token"));
        var found = parts.Buckets.Current.ByName.Values
            .Where(bucket => bucket.Account == call.Scope.Account && bucket.Name.StartsWith(prefix ?? "", StringComparison.Ordinal) && (region ?? bucket.Region) == bucket.Region
                && (string.IsNullOrEmpty(after) || string.CompareOrdinal(bucket.Name, after) > 0))
            .Take(max + 1).ToList();
        return call.AnswerAsync(new XElement(
            "ListAllMyBucketsResult",
            new XElement("Owner", new XElement("ID", S3Call.OwnerId(call.Scope.Account))),
            new XElement("Buckets", found.Take(max).Select(static bucket => new XElement(
                "Bucket",
                new XElement("Name", bucket.Name),
                new XElement("CreationDate", S3Xml.Time(bucket.Created)),
                new XElement("BucketRegion", bucket.Region),
                new XElement("BucketArn", bucket.Arn)))),
            S3Xml.Maybe("Prefix", prefix),
            found.Count > max && max > 0 ? new XElement("ContinuationToken", found[max - 1].Name) : null));
    }

    /// <summary>CreateBucket. Who owns it already gets the same answer again, as in us-east-1.</summary>
    public async Task CreateAsync(S3Call call)
    {
        BucketName.Check(call.Bucket);
        if (call.Header("x-amz-bucket-object-lock-enabled") is { } locked && locked.Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            throw S3Errors.NotImplementedHeader("x-amz-bucket-object-lock-enabled", "This server locks no objects.");
        }

        var body = await S3Document.BytesAsync(call);
        var asked = body.IsEmpty ? null : S3Xml.Read(body, "CreateBucketConfiguration");
        var region = asked?.Text("LocationConstraint") switch
        {
            null or "" => call.Scope.Region,
            "EU" => "eu-west-1",
            var named => named,
        };
        if (!AwsScope.IsRegion(region))
        {
            throw new S3Exception(400, "InvalidLocationConstraint", "The specified location-constraint is not valid", ("LocationConstraint", region));
        }

        var tags = asked?.One("Tags") is { } given ? Tagging.Read(new XElement("Tagging", new XElement("TagSet", given.Elements())), ofBucket: true) : null;
        var acl = AccessControl.OfHeaders(call, call.Scope.Account);
        var now = parts.Time.GetUtcNow();
        await parts.Buckets.ApplyAsync(
            buckets =>
            {
                if (buckets.Find(call.Bucket) is { } known)
                {
                    return known.Account != call.Scope.Account
                        ? throw new S3Exception(409, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.", ("BucketName", known.Name))
                        : known.Region == "us-east-1" && region == known.Region ? new()
                        : throw new S3Exception(409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.", ("BucketName", known.Name));
                }

                var bucket = new Bucket { Name = call.Bucket, Account = call.Scope.Account, Region = region, Created = now };
                bucket = bucket with { Tags = tags ?? bucket.Tags, Documents = acl is null ? bucket.Documents : bucket.Documents.SetItem("acl", acl) };
                return new() { Put = [bucket] };
            },
            call.Aborted);
        if (BucketName.Warning(call.Bucket) is { } warning)
        {
            Log.OddName(log, call.Bucket, warning);
            call.Answer["x-mayfly-warning"] = warning;
        }

        call.Answer.Location = "/" + call.Bucket;
        call.Answer["x-amz-bucket-arn"] = "arn:aws:s3:::" + call.Bucket;
        await call.AnswerAsync();
    }

    /// <summary>HeadBucket.</summary>
    public Task HeadAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        call.Answer["x-amz-bucket-region"] = bucket.Region;
        call.Answer["x-amz-bucket-arn"] = bucket.Arn;
        call.Answer["x-amz-access-point-alias"] = "false";
        call.Http.Response.ContentType = "application/xml";
        return Task.CompletedTask;
    }

    /// <summary>DeleteBucket.</summary>
    public async Task DeleteAsync(S3Call call)
    {
        await parts.Buckets.ApplyAsync(buckets => new() { Remove = [buckets.Get(call.Bucket).Name] }, call.Aborted);
        await call.AnswerAsync(204);
    }

    /// <summary>GetBucketLocation: nothing stands for the oldest region.</summary>
    public Task LocationAsync(S3Call call)
    {
        var region = parts.Buckets.Current.Get(call.Bucket).Region;
        return call.AnswerAsync(new XElement("LocationConstraint", region == "us-east-1" ? null : region));
    }

    private static partial class Log
    {
        [LoggerMessage(4200, LogLevel.Warning, "The bucket {Bucket} has a name that only old buckets may have. {Warning}")]
        public static partial void OddName(ILogger logger, string bucket, string warning);
    }
}
