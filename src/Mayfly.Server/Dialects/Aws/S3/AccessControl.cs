using System.Xml.Linq;
using Mayfly.Server.Resources.Objects;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>Access control lists. They are kept and given back; nobody is kept out by them.</summary>
internal static class AccessControl
{
    private const string Root = "AccessControlPolicy";
    private const string Groups = "http://acs.amazonaws.com/groups/";
    private const int MostGrants = 100;

    private static readonly string[] Canned = ["private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"];
    private static readonly string[] Permissions = ["FULL_CONTROL", "WRITE", "WRITE_ACP", "READ", "READ_ACP"];

    /// <summary>The list that the headers of a write ask for; <see langword="null"/> when they ask for none, or for the usual.</summary>
    /// <exception cref="S3Exception">They ask for what there is none of.</exception>
    public static string? OfHeaders(S3Call call, string account)
    {
        var grants = new List<XElement>();
        foreach (var permission in Permissions)
        {
            var header = "x-amz-grant-" + permission.ToLowerInvariant().Replace('_', '-');
            if (call.Header(header) is { } text)
            {
                grants.AddRange(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(grantee => Grant(Grantee(header, grantee), permission)));
            }
        }

        if (call.Header("x-amz-acl") is not { } canned)
        {
            return grants.Count == 0 ? null : Text(account, grants);
        }

        if (grants.Count > 0)
        {
            throw S3Errors.InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed");
        }

        return OfCanned(canned, account);
    }

    /// <summary>The list that a name stands for; <see langword="null"/> for the usual.</summary>
    public static string? OfCanned(string canned, string account)
    {
        if (!Canned.Contains(canned))
        {
            throw S3Errors.InvalidArgument("There is no canned ACL of this name.", "x-amz-acl", canned);
        }

        var grants = new List<XElement> { Owner(account) };
        grants.AddRange(canned switch
        {
            "public-read" => [Grant(Group("global/AllUsers"), "READ")],
            "public-read-write" => [Grant(Group("global/AllUsers"), "READ"), Grant(Group("global/AllUsers"), "WRITE")],
            "authenticated-read" => [Grant(Group("global/AuthenticatedUsers"), "READ")],
            "log-delivery-write" => [Grant(Group("s3/LogDelivery"), "WRITE"), Grant(Group("s3/LogDelivery"), "READ_ACP")],
            _ => Array.Empty<XElement>(),
        });
        return grants.Count == 1 ? null : Text(account, grants);
    }

    /// <summary>Reads what a put brings: headers, or a document.</summary>
    public static async Task<string?> ReadAsync(S3Call call, Bucket bucket)
    {
        var body = await S3Document.BytesAsync(call);
        if (body.IsEmpty)
        {
            return OfHeaders(call, bucket.Account) ?? (call.Header("x-amz-acl") is null ? throw new S3Exception(400, "MissingSecurityHeader", "Your request was missing a required header", ("MissingHeaderName", "x-amz-acl")) : null);
        }

        var root = S3Xml.Read(body, Root);
        if ((root.One("Owner") ?? throw S3Errors.MalformedXml()).Text("ID") is null)
        {
            throw S3Errors.MalformedXml();
        }

        var grants = root.One("AccessControlList")?.All("Grant").ToList() ?? throw S3Errors.MalformedXml();
        if (grants.Count > MostGrants || grants.Exists(static grant => !Permissions.Contains(grant.Required("Permission")) || grant.One("Grantee") is null))
        {
            throw S3Errors.MalformedXml();
        }

        return root.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>The document.</summary>
    public static XElement Document(string? kept, string account) => XElement.Parse(kept ?? Text(account, [Owner(account)]));

    private static string Text(string account, IEnumerable<XElement> grants) => new XElement(
        Root,
        new XElement("Owner", new XElement("ID", S3Call.OwnerId(account))),
        new XElement("AccessControlList", grants)).ToString(SaveOptions.DisableFormatting);

    private static XElement Owner(string account) => Grant(Grantee("CanonicalUser", new XElement("ID", S3Call.OwnerId(account))), "FULL_CONTROL");

    private static XElement Group(string name) => Grantee("Group", new XElement("URI", Groups + name));

    private static XElement Grant(XElement grantee, string permission) => new("Grant", grantee, new XElement("Permission", permission));

    private static XElement Grantee(string type, XElement who) => new("Grantee", new XAttribute(XNamespace.Xmlns + "xsi", S3Xml.Schema.NamespaceName), new XAttribute(S3Xml.Schema + "type", type), who);

    // id="…", uri="…" or emailAddress="…"
    private static XElement Grantee(string header, string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var value = equals < 0 ? "" : text[(equals + 1)..].Trim('"');
        return (equals < 0 ? "" : text[..equals].Trim()) switch
        {
            "id" => Grantee("CanonicalUser", new XElement("ID", value)),
            "uri" => Grantee("Group", new XElement("URI", value)),
            "emailAddress" => Grantee("AmazonCustomerByEmail", new XElement("EmailAddress", value)),
            _ => throw S3Errors.InvalidArgument("Argument format not recognized", header, text),
        };
    }
}
