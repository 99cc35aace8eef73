using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Mayfly.Server.Dialects.Aws.S3.Auth;

/// <summary>A form that a browser sends: fields, which are bounded, and then a file, which is read as it comes. What follows the file is not looked at.</summary>
/// <param name="Fields">The fields, by name in any case.</param>
/// <param name="File">The file's bytes.</param>
internal sealed record PostForm(IReadOnlyDictionary<string, string> Fields, Stream File)
{
    private const int MaxFields = 20 * 1024;
    private const int MaxBoundary = 200;

    /// <summary>Whether a request brings a form.</summary>
    public static bool IsForm(HttpRequest request) => request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>A field; <see langword="null"/> when it is not there.</summary>
    public string? Field(string name) => Fields.GetValueOrDefault(name);

    /// <summary>Reads up to the file's first byte.</summary>
    /// <exception cref="S3Exception">It is no such form.</exception>
    public static async Task<PostForm> ReadAsync(HttpContext context)
    {
        var boundary = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) ? HeaderUtilities.RemoveQuotes(type.Boundary).ToString() : "";
        if (boundary.Length is 0 or > MaxBoundary)
        {
            throw Malformed();
        }

        var reader = new MultipartReader(boundary, context.Request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 4096, BodyLengthLimit = null };
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var left = MaxFields;
        try
        {
            while (await reader.ReadNextSectionAsync(context.RequestAborted) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || HeaderUtilities.RemoveQuotes(disposition.Name).ToString() is not { Length: > 0 } name)
                {
                    throw Malformed();
                }

                if (name.Equals("file", StringComparison.OrdinalIgnoreCase))
                {
                    var fileName = (disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).ToString();
                    fields["key"] = fields.TryGetValue("key", out var key)
                        ? key.Replace("${filename}", fileName[(fileName.LastIndexOfAny(['/', '\\']) + 1)..], StringComparison.Ordinal)
                        : throw S3Errors.InvalidArgument("Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.", "key", "");
                    return new(fields, section.Body);
                }

                left -= name.Length;
                var value = await ReadFieldAsync(section.Body, left, context.RequestAborted);
                left -= value.Length;
                fields[name] = Encoding.UTF8.GetString(value.Span);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw Malformed();
        }

        throw S3Errors.InvalidArgument("POST requires exactly one file upload per request.", "file", "0");
    }

    private static async Task<ReadOnlyMemory<byte>> ReadFieldAsync(Stream body, int most, CancellationToken cancellationToken)
    {
        var value = new byte[Math.Max(0, most) + 1];
        var length = 0;
        while (length < value.Length && await body.ReadAsync(value.AsMemory(length), cancellationToken) is > 0 and var read)
        {
            length += read;
        }

        return length <= most ? value.AsMemory(0, length) : throw new S3Exception(400, "MaxPostPreDataLengthExceeded", "Your POST request fields preceding the upload file were too large.");
    }

    private static S3Exception Malformed() => new(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.");
}
