using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Triggers.Http;

/// <summary>
/// How a streamed answer begins: with content type <see cref="Integration"/> a JSON object of <c>statusCode</c>,
/// <c>headers</c> and <c>cookies</c>, eight NUL bytes, and then the body; with any other content type the body at once.
/// </summary>
internal static class HttpPrelude
{
    /// <summary>The content type that announces a prelude.</summary>
    public const string Integration = "application/vnd.awslambda.http-integration-response";

    /// <summary>Most bytes of a prelude.</summary>
    private const int MaxLength = 64 * 1024;

    private const string DefaultType = "application/octet-stream";

    private static ReadOnlySpan<byte> Delimiter => [0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Whether a content type announces a prelude.</summary>
    public static bool IsAnnouncedBy(string? contentType) => contentType is not null && contentType.StartsWith(Integration, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the beginning of a streamed answer.</summary>
    /// <param name="stream">The answer, of which <paramref name="first"/> was read.</param>
    /// <param name="first">Its first bytes.</param>
    /// <param name="cancellationToken">The client is gone.</param>
    /// <returns>The head, with those bytes of the body that have come; or what is wrong.</returns>
    public static async ValueTask<(HttpAnswer? Answer, string? Problem)> ReadAsync(ResponseStream stream, ReadOnlyMemory<byte> first, CancellationToken cancellationToken)
    {
        if (!IsAnnouncedBy(stream.ContentType))
        {
            return (new(200, [new("Content-Type", HeaderText.IsValue(stream.ContentType!) ? stream.ContentType! : DefaultType)], first), null);
        }

        // 1. Mostly it is all in the first piece.
        if (first.Span.IndexOf(Delimiter) >= 0)
        {
            return Read(first);
        }

        // 2. Else the pieces are joined until it is.
        var seen = new ArrayBufferWriter<byte>();
        for (var next = first; !next.IsEmpty && seen.WrittenCount <= MaxLength; next = await stream.ReadAsync(cancellationToken))
        {
            var from = Math.Max(0, seen.WrittenCount - Delimiter.Length + 1);
            seen.Write(next.Span);
            if (seen.WrittenSpan[from..].IndexOf(Delimiter) >= 0)
            {
                break;
            }
        }

        return Read(seen.WrittenMemory);
    }

    /// <summary>Reads a prelude and the body after it.</summary>
    public static (HttpAnswer? Answer, string? Problem) Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return (new(200, [new("Content-Type", DefaultType)], default), null);
        }

        var end = bytes.Span.IndexOf(Delimiter);
        if (end is < 0 or > MaxLength)
        {
            return (null, $"the streamed answer has no prelude that ends with eight NUL bytes within {MaxLength} bytes");
        }

        if (!FunctionAnswer.TryRead(bytes[..end], out var prelude) || prelude.Kind != JsonTokenType.StartObject)
        {
            return (null, "the prelude of the streamed answer is not a JSON object");
        }

        if (prelude is { HasStatus: true, Status: 0 })
        {
            return (null, "statusCode in the prelude is not a number from 200 to 599");
        }

        if (prelude.Problem is { } problem)
        {
            return (null, problem);
        }

        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        headers.AddRange(prelude.Headers);
        headers.AddRange(prelude.MultiValueHeaders);
        if (!headers.Any(static header => header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
        {
            headers.Add(new("Content-Type", DefaultType));
        }

        headers.AddRange(prelude.Cookies.Select(static cookie => new KeyValuePair<string, string>("Set-Cookie", cookie)));
        return (new(prelude.HasStatus ? prelude.Status : 200, headers.ToImmutable(), bytes[(end + Delimiter.Length)..]), null);
    }
}
