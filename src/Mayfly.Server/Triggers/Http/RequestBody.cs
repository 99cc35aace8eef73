using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mayfly.Server.Triggers.Http;

/// <summary>Reads a request's body into memory, up to a limit, from a client that may never end.</summary>
public static class RequestBody
{
    /// <summary>The largest event that a function takes: 6 MiB.</summary>
    public const int EventLimit = 6 * 1024 * 1024;

    // Slow enough for a bad mobile line; a client that sends less is cut off by Kestrel with 408.
    private static readonly MinDataRate Slowest = new(bytesPerSecond: 100, gracePeriod: TimeSpan.FromSeconds(10));

    // A client that is told 413 while it still sends must be able to finish, or it sees a broken connection in place of the answer:
    // Kestrel reads and drops this much more, for a few seconds at most.
    private const int Grace = 64 * 1024 * 1024;

    /// <summary>Sets the limits of this request. To be called before anything is read.</summary>
    public static void Limit(HttpContext context, long? limit)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            try
            {
                rate.MinDataRate = Slowest;
            }
            catch (NotSupportedException)
            {
                // HTTP/2 keeps one rate for the connection.
            }
        }
    }

    /// <summary>Reads the body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limit">Most bytes to take.</param>
    /// <returns>The bytes, or <see langword="null"/> when there are more than the limit.</returns>
    public static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context, int limit)
    {
        Limit(context, (long)limit + Grace);
        if (context.Request.ContentLength is 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        if (context.Request.ContentLength > limit)
        {
            return null;
        }

        var reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(context.RequestAborted);
                if (read.Buffer.Length > limit)
                {
                    return null;
                }

                if (read.IsCompleted)
                {
                    ReadOnlyMemory<byte> body = read.Buffer.ToArray();
                    reader.AdvanceTo(read.Buffer.End);
                    return body;
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (InvalidOperationException e)
        {
            // So Kestrel calls trailers that are no text.
            throw new Microsoft.AspNetCore.Http.BadHttpRequestException("The request's trailers are not text.", StatusCodes.Status400BadRequest, e);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException refused) when (refused.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }
}
