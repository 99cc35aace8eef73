using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Mayfly.Server.Resources.Objects;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>What is set up about a bucket in documents, which are given back as they were written.</summary>
/// <param name="parts">What the door works with.</param>
internal sealed class BucketSettingsResource(S3Parts parts)
{
    private const int MaxPolicy = 20 * 1024;

    // Subresource, root, and what is said where there is none: a code with a message, or nothing: an empty document.
    private static readonly ImmutableDictionary<string, (string Root, string? Code, string? Message)> Kinds = new Dictionary<string, (string, string?, string?)>
    {
        ["cors"] = ("CORSConfiguration", "NoSuchCORSConfiguration", "The CORS configuration does not exist"),
        ["lifecycle"] = ("LifecycleConfiguration", "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
        ["encryption"] = ("ServerSideEncryptionConfiguration", "ServerSideEncryptionConfigurationNotFoundError", "The server side encryption configuration was not found"),
        ["ownershipControls"] = ("OwnershipControls", "OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
        ["publicAccessBlock"] = ("PublicAccessBlockConfiguration", "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
        ["website"] = ("WebsiteConfiguration", "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
        ["logging"] = ("BucketLoggingStatus", null, null),
        ["accelerate"] = ("AccelerateConfiguration", null, null),
        ["requestPayment"] = ("RequestPaymentConfiguration", null, null),
        ["object-lock"] = ("ObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"),
    }.ToImmutableDictionary();

    /// <summary>Gives a document back.</summary>
    public Func<S3Call, Task> Get(string sub) => call =>
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        if (bucket.Documents.TryGetValue(sub, out var kept))
        {
            return call.AnswerAsync(XElement.Parse(kept));
        }

        var (root, code, message) = Kinds[sub];
        return code is null
            ? call.AnswerAsync(new XElement(root, sub == "requestPayment" ? new XElement("Payer", "BucketOwner") : null))
            : throw new S3Exception(404, code, message!, ("BucketName", call.Bucket));
    };

    /// <summary>Keeps a document.</summary>
    public Func<S3Call, Task> Put(string sub) => async call =>
    {
        parts.Buckets.Current.Get(call.Bucket);
        var root = await S3Document.ReadAsync(call, Kinds[sub].Root);
        var rules = sub == "lifecycle" ? LifecycleResource.Read(root) : [];
        if (sub == "cors")
        {
            CorsRule.Read(root);
        }
        else if (sub is not ("logging" or "accelerate") && !root.HasElements)
        {
            throw S3Errors.MalformedXml();
        }

        await ChangeAsync(call, bucket => bucket with { Documents = bucket.Documents.SetItem(sub, root.ToString(SaveOptions.DisableFormatting)), Lifecycle = sub == "lifecycle" ? rules : bucket.Lifecycle });
        await call.AnswerAsync();
    };

    /// <summary>Forgets a document.</summary>
    public Func<S3Call, Task> Delete(string sub) => async call =>
    {
        await ChangeAsync(call, bucket => bucket with { Documents = bucket.Documents.Remove(sub), Lifecycle = sub == "lifecycle" ? [] : bucket.Lifecycle });
        await call.AnswerAsync(204);
    };

    /// <summary>GetBucketPolicy.</summary>
    public Task GetPolicyAsync(S3Call call) => call.AnswerAsync(Encoding.UTF8.GetBytes(Policy(call)), "application/json");

    /// <summary>GetBucketPolicyStatus: whether the policy lets everybody in.</summary>
    public Task PolicyStatusAsync(S3Call call)
    {
        return call.AnswerAsync(new XElement("PolicyStatus", new XElement("IsPublic", IsPublic(Policy(call)))));
    }

    /// <summary>PutBucketPolicy. Policies are kept and given back; nobody is kept out by them.</summary>
    public async Task PutPolicyAsync(S3Call call)
    {
        parts.Buckets.Current.Get(call.Bucket);
        var bytes = await S3Document.BytesAsync(call);
        if (bytes.Length > MaxPolicy)
        {
            throw new S3Exception(400, "PolicyTooLarge", "Policy exceeds the maximum allowed document size.", ("MaxSizeAllowed", $"{MaxPolicy}"), ("ProposedSize", $"{bytes.Length}"));
        }

        try
        {
            using var policy = JsonDocument.Parse(bytes, new() { MaxDepth = 32 });
            if (policy.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Malformed("Policies must be valid JSON and the first byte must be '{'");
            }

            if (!policy.RootElement.TryGetProperty("Statement", out var statement) || statement.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object))
            {
                throw Malformed("Missing required field Statement");
            }
        }
        catch (JsonException)
        {
            throw Malformed("Policies must be valid JSON and the first byte must be '{'");
        }

        await ChangeAsync(call, bucket => bucket with { Documents = bucket.Documents.SetItem("policy", Encoding.UTF8.GetString(bytes.Span)) });
        await call.AnswerAsync(204);
    }

    /// <summary>GetBucketVersioning.</summary>
    public Task GetVersioningAsync(S3Call call) => call.AnswerAsync(new XElement("VersioningConfiguration", parts.Buckets.Current.Get(call.Bucket).Versioning switch
    {
        BucketVersioning.Enabled => new XElement("Status", "Enabled"),
        BucketVersioning.Suspended => new XElement("Status", "Suspended"),
        _ => null,
    }));

    /// <summary>PutBucketVersioning.</summary>
    public async Task PutVersioningAsync(S3Call call)
    {
        parts.Buckets.Current.Get(call.Bucket);
        var root = await S3Document.ReadAsync(call, "VersioningConfiguration");
        if (root.Text("MfaDelete") == "Enabled")
        {
            throw S3Errors.NotImplementedHeader("x-amz-mfa", "This server knows no MFA devices.");
        }

        var versioning = root.Text("Status") switch
        {
            "Enabled" => BucketVersioning.Enabled,
            "Suspended" => BucketVersioning.Suspended,
            null => throw new S3Exception(400, "IllegalVersioningConfigurationException", "The Versioning element must be specified"),
            _ => throw S3Errors.MalformedXml(),
        };
        await ChangeAsync(call, bucket => bucket with { Versioning = versioning });
        await call.AnswerAsync();
    }

    /// <summary>GetBucketTagging.</summary>
    public Task GetTagsAsync(S3Call call)
    {
        var tags = parts.Buckets.Current.Get(call.Bucket).Tags;
        return tags.IsEmpty ? throw new S3Exception(404, "NoSuchTagSet", "The TagSet does not exist", ("BucketName", call.Bucket)) : call.AnswerAsync(Tagging.Write(tags));
    }

    /// <summary>PutBucketTagging.</summary>
    public async Task PutTagsAsync(S3Call call)
    {
        parts.Buckets.Current.Get(call.Bucket);
        var tags = Tagging.Read(await S3Document.ReadAsync(call, "Tagging"), ofBucket: true);
        await ChangeAsync(call, bucket => bucket with { Tags = tags });
        await call.AnswerAsync(204);
    }

    /// <summary>DeleteBucketTagging.</summary>
    public async Task DeleteTagsAsync(S3Call call)
    {
        await ChangeAsync(call, static bucket => bucket with { Tags = bucket.Tags.Clear() });
        await call.AnswerAsync(204);
    }

    /// <summary>GetBucketAcl.</summary>
    public Task GetAclAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        return call.AnswerAsync(AccessControl.Document(bucket.Documents.GetValueOrDefault("acl"), bucket.Account));
    }

    /// <summary>PutBucketAcl.</summary>
    public async Task PutAclAsync(S3Call call)
    {
        var acl = await AccessControl.ReadAsync(call, parts.Buckets.Current.Get(call.Bucket));
        await ChangeAsync(call, bucket => bucket with { Documents = acl is null ? bucket.Documents.Remove("acl") : bucket.Documents.SetItem("acl", acl) });
        await call.AnswerAsync();
    }

    private string Policy(S3Call call) =>
        parts.Buckets.Current.Get(call.Bucket).Documents.GetValueOrDefault("policy") ?? throw new S3Exception(404, "NoSuchBucketPolicy", "The bucket policy does not exist", ("BucketName", call.Bucket));

    private static bool IsPublic(string text)
    {
        using var policy = JsonDocument.Parse(text);
        var statements = policy.RootElement.GetProperty("Statement");
        return (statements.ValueKind == JsonValueKind.Array ? statements.EnumerateArray() : Enumerable.Repeat(statements, 1)).Any(LetsAnybodyIn);
    }

    private static bool LetsAnybodyIn(JsonElement statement) =>
        statement.ValueKind == JsonValueKind.Object && statement.TryGetProperty("Effect", out var effect) && effect.ValueEquals("Allow") && !statement.TryGetProperty("Condition", out _)
        && statement.TryGetProperty("Principal", out var principal) && principal.GetRawText().Contains("\"*\"", StringComparison.Ordinal);

    private static S3Exception Malformed(string message) => new(400, "MalformedPolicy", message);

    private Task ChangeAsync(S3Call call, Func<Bucket, Bucket> change) => parts.Buckets.ApplyAsync(buckets => new() { Put = [change(buckets.Get(call.Bucket))] }, call.Aborted);
}
