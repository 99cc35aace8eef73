using Mayfly.Server.Dialects.Aws.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Reads the body of a request to the control plane, once and bounded.</summary>
internal static class RequestBody
{
    /// <summary>AWS's limit of a request with a zip in base64.</summary>
    private const int WithCode = 70_167_211;

    private const int WithoutCode = 1024 * 1024;

    /// <summary>Reads it whole.</summary>
    /// <exception cref="LambdaException">It is larger than may be.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, ModelOperation operation)
    {
        var limit = operation.Name is "CreateFunction" or "UpdateFunctionCode" or "PublishLayerVersion" ? WithCode : WithoutCode;
        if (context.Request.ContentLength > limit)
        {
            throw TooLarge(limit, operation);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit;
        }

        try
        {
            return await ReadAsync(context, limit) ?? throw TooLarge(limit, operation);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge(limit, operation);
        }
    }

    /// <summary>Reads a body whole, in one piece of memory.</summary>
    /// <returns><see langword="null"/> when it has more bytes than the limit; the rest is then not read.</returns>
    public static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit)
        {
            return null;
        }

        // One byte more than may be, to see that there is more.
        var buffer = GC.AllocateUninitializedArray<byte>((int?)context.Request.ContentLength ?? 4096);
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (context.Request.ContentLength == length)
                {
                    return buffer;
                }

                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, limit + 1));
            }

            var read = await ReadPieceAsync(context, buffer.AsMemory(length));
            if (read == 0)
            {
                return buffer.AsMemory(0, length);
            }

            length += read;
            if (length > limit)
            {
                return null;
            }
        }
    }

    private static async ValueTask<int> ReadPieceAsync(HttpContext context, Memory<byte> into)
    {
        try
        {
            return await context.Request.Body.ReadAsync(into, context.RequestAborted);
        }
        catch (InvalidOperationException e)
        {
            // So Kestrel calls trailers that are no text.
            throw new BadHttpRequestException("The request's trailers are not text.", StatusCodes.Status400BadRequest, e);
        }
    }

    private static LambdaException TooLarge(int limit, ModelOperation operation) =>
        new(StatusCodes.Status413PayloadTooLarge, "RequestEntityTooLargeException", $"Request must be smaller than {limit} bytes for the {operation.Name} operation");
}
