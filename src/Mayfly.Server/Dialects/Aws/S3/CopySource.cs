using Mayfly.Server.Resources.Objects;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>What a copy is made of.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Key">The key.</param>
/// <param name="VersionId">The version; <see langword="null"/>: the newest.</param>
internal readonly record struct CopySource(string Bucket, string Key, string? VersionId)
{
    private const string Header = "x-amz-copy-source";

    /// <summary>Reads the header.</summary>
    /// <exception cref="S3Exception">It names no object.</exception>
    public static CopySource Read(S3Call call)
    {
        var text = call.Header(Header)!;
        const string mark = "?versionId=";
        var query = text.LastIndexOf(mark, StringComparison.Ordinal);
        var path = (query < 0 ? text : text[..query]).Replace('+', ' ');
        var decoded = S3Target.Decode(path.StartsWith('/') ? path[1..] : path);
        var slash = decoded.IndexOf('/', StringComparison.Ordinal);
        return slash <= 0 || slash + 1 == decoded.Length
            ? throw S3Errors.InvalidArgument("Invalid copy source object key", Header, text)
            : new(decoded[..slash], decoded[(slash + 1)..], query < 0 ? null : text[(query + mark.Length)..]);
    }

    /// <summary>Opens it, if its conditions hold.</summary>
    /// <exception cref="ObjectException">There is no such object.</exception>
    public OpenedObject Open(S3Call call, ObjectStore store)
    {
        OpenedObject opened;
        try
        {
            opened = store.Reader.Open(store.Buckets.Current.Get(Bucket), Key, VersionId);
        }
        catch (ObjectException e) when (e.Failure == ObjectFailure.MethodNotAllowed)
        {
            throw S3Errors.InvalidRequest("The source of a copy request may not specifically refer to a delete marker by version id.");
        }

        try
        {
            Conditions.CheckSource(call, opened.Version);
            if (opened.Version.VersionId != ObjectVersion.Null)
            {
                call.Answer["x-amz-copy-source-version-id"] = opened.Version.VersionId;
            }

            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }
}
