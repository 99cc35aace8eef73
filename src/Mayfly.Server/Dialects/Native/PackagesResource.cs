using Mayfly.Server.Functions;
using Mayfly.Server.Triggers.Http;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>packages/{sha256}</c>: code packages, uploaded before the deployment that names them.</summary>
/// <param name="packages">Where they are kept.</param>
public sealed class PackagesResource(CodePackageStore packages) : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes =>
    [
        new("PUT", "/packages/{}", PutAsync),
        new("HEAD", "/packages/{}", Head),
    ];

    private Task Head(HttpContext context, string sha256)
    {
        context.Response.StatusCode = packages.Find(sha256) is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        return Task.CompletedTask;
    }

    private async Task PutAsync(HttpContext context, string sha256)
    {
        if (packages.Find(sha256) is { } known)
        {
            await WriteAsync(context, StatusCodes.Status200OK, known);
            return;
        }

        RequestBody.Limit(context, CodePackageStore.MaxZipped);
        CodePackage package;
        try
        {
            package = await packages.AddAsync(context.Request.Body, context.RequestAborted);
        }
        catch (BadHttpRequestException refused) when (refused.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await NativeErrors.WriteAsync(context, refused.StatusCode, "PackageTooLarge", $"The zip is larger than {CodePackageStore.MaxZipped} bytes.");
            return;
        }

        // What came is kept under its own hash all the same: it is a sound package, which nothing names and which is collected later.
        if (package.Sha256 != sha256)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "HashMismatch", $"The path says {sha256}, but the bytes that came are {package.Sha256}. Upload again.");
            return;
        }

        await WriteAsync(context, StatusCodes.Status201Created, package);
    }

    private static Task WriteAsync(HttpContext context, int status, CodePackage package)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new PackageReply(package.Sha256, package.Size), NativeJson.Default.PackageReply);
    }
}
