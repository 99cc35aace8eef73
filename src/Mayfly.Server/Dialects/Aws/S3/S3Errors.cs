using System.Globalization;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>S3's errors that several places need.</summary>
internal static class S3Errors
{
    public static S3Exception NoSuchBucket(string name) => new(404, "NoSuchBucket", "The specified bucket does not exist", ("BucketName", name));

    public static S3Exception NoSuchKey(string key) => new(404, "NoSuchKey", "The specified key does not exist.", ("Key", key));

    public static S3Exception NoSuchVersion(string key, string version) => new(404, "NoSuchVersion", "The specified version does not exist.", ("Key", key), ("VersionId", version));

    public static S3Exception NoSuchUpload(string id) => new(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.", ("UploadId", id));

    public static S3Exception InvalidArgument(string message, string name, string? value) => new(400, "InvalidArgument", message, ("ArgumentName", name), ("ArgumentValue", value ?? ""));

    public static S3Exception InvalidRequest(string message) => new(400, "InvalidRequest", message);

    public static S3Exception MalformedXml() => new(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");

    public static S3Exception IncompleteBody() => new(400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header");

    public static S3Exception AccessDenied(string message, params (string Name, string Value)[] extras) => new(403, "AccessDenied", message, extras);

    public static S3Exception SignatureDoesNotMatch(string accessKey, string signature) => new(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        ("AWSAccessKeyId", accessKey),
        ("SignatureProvided", signature));

    public static S3Exception Expired(DateTimeOffset at, DateTimeOffset now, params (string Name, string Value)[] extras) =>
        AccessDenied("Request has expired", [.. extras, ("Expires", S3Xml.Time(at)), ("ServerTime", S3Xml.Time(now))]);

    public static S3Exception Precondition(string condition) => new(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", ("Condition", condition));

    public static S3Exception NotImplementedHeader(string header, string message) =>
        new(501, "NotImplemented", "A header you provided implies functionality that is not implemented", ("Header", header), ("additionalMessage", message));

    public static S3Exception NotServed(string operation) => new(501, "NotImplemented", $"The S3 operation {operation} is not supported by this server yet.");

    public static S3Exception MethodNotAllowed(string method, string resource) =>
        new(405, "MethodNotAllowed", "The specified method is not allowed against this resource.", ("Method", method), ("ResourceType", resource));

    public static S3Exception EntityTooLarge(long proposed, long most) => new(
        400,
        "EntityTooLarge",
        "Your proposed upload exceeds the maximum allowed size",
        ("ProposedSize", proposed.ToString(CultureInfo.InvariantCulture)),
        ("MaxSizeAllowed", most.ToString(CultureInfo.InvariantCulture)));

    public static S3Exception EntityTooSmall(long proposed, long least, params (string Name, string Value)[] extras) => new(
        400,
        "EntityTooSmall",
        "Your proposed upload is smaller than the minimum allowed size",
        [.. extras, ("ProposedSize", proposed.ToString(CultureInfo.InvariantCulture)), ("MinSizeAllowed", least.ToString(CultureInfo.InvariantCulture))]);
}
