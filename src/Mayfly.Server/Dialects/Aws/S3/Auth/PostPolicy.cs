using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Signing;

namespace Mayfly.Server.Dialects.Aws.S3.Auth;

/// <summary>What whoever signed a form allows it to be: until when, with which fields, and how large the file may be.</summary>
/// <param name="secrets">Whose secrets are known.</param>
/// <param name="time">The clock.</param>
internal sealed class PostPolicy(S3Secrets secrets, TimeProvider time)
{
    private const string Invalid = "Invalid according to Policy: ";

    private static readonly string[] Uncovered = ["x-amz-signature", "signature", "awsaccesskeyid", "file", "policy", "bucket"];

    /// <summary>Checks a form.</summary>
    /// <returns>How large its file may be, and who signed; a form without a policy is bound by nothing.</returns>
    /// <exception cref="S3Exception">It is refused.</exception>
    public (long Least, long Most, string? AccessKey) Check(PostForm form, string bucket)
    {
        if (form.Field("policy") is not { } policy)
        {
            return (0, long.MaxValue, null);
        }

        var signer = CheckSignature(form, policy);
        byte[] json;
        try
        {
            json = Convert.FromBase64String(policy);
        }
        catch (FormatException)
        {
            throw InvalidDocument("Invalid Policy: Invalid JSON.");
        }

        try
        {
            using var document = JsonDocument.Parse(json, new() { MaxDepth = 8 });
            var (least, most) = CheckConditions(document.RootElement, form, bucket);
            return (least, most, signer);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw InvalidDocument("Invalid Policy: Invalid JSON.");
        }
    }

    private string CheckSignature(PostForm form, string policy)
    {
        var token = form.Field("x-amz-security-token");
        if (form.Field("x-amz-signature") is { } signature)
        {
            var parts = (form.Field("x-amz-credential") ?? "").Split('/');
            if (parts.Length != 5 || parts[4] != "aws4_request" || form.Field("x-amz-algorithm") != "AWS4-HMAC-SHA256" || form.Field("x-amz-date") is null)
            {
                throw S3Errors.InvalidArgument("The form's x-amz-algorithm, x-amz-credential and x-amz-date must say how it was signed.", "x-amz-credential", form.Field("x-amz-credential"));
            }

            if (secrets.Of(parts[0], token) is { } secret)
            {
                var right = Convert.ToHexStringLower(HMACSHA256.HashData(SignatureVerifier.SigningKey(parts[1], parts[2], parts[3], secret), Encoding.UTF8.GetBytes(policy)));
                if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(right), Encoding.UTF8.GetBytes(signature)))
                {
                    throw S3Errors.SignatureDoesNotMatch(parts[0], signature);
                }
            }

            return parts[0];
        }

        if (form.Field("AWSAccessKeyId") is not { Length: > 0 } key || form.Field("signature") is not { Length: > 0 } old)
        {
            throw S3Errors.InvalidArgument("Bucket POST must contain a field named 'AWSAccessKeyId'.  If it is specified, please check the order of the fields.", "AWSAccessKeyId", "");
        }

        return secrets.Of(key, token) is not { } known || SignatureV2.IsRight(known, policy, old) ? key : throw S3Errors.SignatureDoesNotMatch(key, old);
    }

    private (long Least, long Most) CheckConditions(JsonElement policy, PostForm form, string bucket)
    {
        if (!DateTimeOffset.TryParse(policy.GetProperty("expiration").GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiration))
        {
            throw InvalidDocument("Invalid Policy: Invalid 'expiration' value.");
        }

        if (expiration < time.GetUtcNow())
        {
            throw S3Errors.AccessDenied($"{Invalid}Policy expired.");
        }

        var (least, most) = (0L, long.MaxValue);
        var covered = new HashSet<string>(Uncovered, StringComparer.OrdinalIgnoreCase);
        foreach (var condition in policy.GetProperty("conditions").EnumerateArray())
        {
            if (condition.ValueKind == JsonValueKind.Object)
            {
                if (condition.EnumerateObject().Count() != 1)
                {
                    throw InvalidDocument("Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
                }

                var member = condition.EnumerateObject().First();
                Hold(condition, member.Name, member.Value.GetString()!, isPrefix: false);
                continue;
            }

            if (condition.GetArrayLength() != 3)
            {
                throw InvalidDocument("Invalid Policy: Invalid Condition: wrong number of arguments.");
            }

            var kind = condition[0].GetString()!;
            if (kind.Equals("content-length-range", StringComparison.OrdinalIgnoreCase))
            {
                (least, most) = (Number(condition[1]), Number(condition[2]));
            }
            else if (kind.ToLowerInvariant() is "eq" or "starts-with")
            {
                Hold(condition, condition[1].GetString()!.TrimStart('$'), condition[2].GetString()!, kind.Equals("starts-with", StringComparison.OrdinalIgnoreCase));
            }
            else
            {
                throw InvalidDocument($"Invalid Policy: Invalid Condition: {kind}");
            }
        }

        foreach (var name in form.Fields.Keys)
        {
            if (!covered.Contains(name) && !name.StartsWith("x-ignore-", StringComparison.OrdinalIgnoreCase))
            {
                throw S3Errors.AccessDenied($"{Invalid}Extra input fields: {name}");
            }
        }

        return (least, most);

        void Hold(JsonElement condition, string name, string wanted, bool isPrefix)
        {
            covered.Add(name);
            var value = name.Equals("bucket", StringComparison.OrdinalIgnoreCase) ? bucket : form.Field(name);
            if (value is null ? wanted.Length > 0 || !isPrefix : isPrefix ? !value.StartsWith(wanted, StringComparison.Ordinal) : value != wanted)
            {
                throw S3Errors.AccessDenied($"{Invalid}Policy Condition failed: {Shown(condition, name, wanted)}");
            }
        }
    }

    private static string Shown(JsonElement condition, string name, string wanted) => condition.ValueKind == JsonValueKind.Object
        ? $"[\"eq\", \"${name}\", \"{wanted}\"]"
        : $"[\"{condition[0].GetString()}\", \"{condition[1].GetString()}\", \"{wanted}\"]";

    private static long Number(JsonElement json) => json.ValueKind == JsonValueKind.Number ? json.GetInt64() : long.Parse(json.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture);

    private static S3Exception InvalidDocument(string message) => new(400, "InvalidPolicyDocument", message);
}
