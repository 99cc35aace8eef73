using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Images;
using Mayfly.Server.Triggers.Http;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>images</c> and <c>images/{name:tag}</c>: container images, added before the functions that name them.</summary>
/// <param name="images">Where they are kept.</param>
public sealed class ImagesResource(ImageRegistry images) : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes =>
    [
        new("GET", "/images", ListAsync),
        new("PUT", "/images/{}", PutAsync),
        new("DELETE", "/images/{}", DeleteAsync),
    ];

    private Task ListAsync(HttpContext context, string nothing) =>
        context.Response.WriteAsJsonAsync([.. images.Current.Values.Select(Show)], NativeJson.Default.ImageReplyArray);

    private async Task PutAsync(HttpContext context, string name)
    {
        if (Parse(name) is not { } reference)
        {
            await RefuseNameAsync(context, name);
            return;
        }

        RequestBody.Limit(context, ImageLimits.Archive);
        ContainerImage image;
        try
        {
            image = await images.AddAsync(reference, context.Request.Body, context.RequestAborted);
        }
        catch (CodePackageException)
        {
            // Who still sends hears the answer only after that.
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            throw;
        }
        catch (BadHttpRequestException refused) when (refused.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await NativeErrors.WriteAsync(context, refused.StatusCode, "PackageTooLarge", $"The archive is larger than {ImageLimits.Archive} bytes.");
            return;
        }

        context.Response.StatusCode = StatusCodes.Status201Created;
        await context.Response.WriteAsJsonAsync(Show(image), NativeJson.Default.ImageReply);
    }

    private async Task DeleteAsync(HttpContext context, string name)
    {
        if (Parse(name) is not { } reference)
        {
            await RefuseNameAsync(context, name);
        }
        else if (await images.RemoveAsync(reference))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status404NotFound, "NotFound", $"There is no image {reference}; see: mayfly image ls");
        }
    }

    // A digest says which image one means, and cannot be given to one.
    private static ImageReference? Parse(string name) => ImageReference.Parse(name) is { Digest: null } reference ? reference : null;

    private static Task RefuseNameAsync(HttpContext context, string name) =>
        NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "InvalidName", $"'{name}' is no name of an image. Write name or name:tag, in lower case, for example orders:1.");

    private static ImageReply Show(ContainerImage image) => new(image.Reference.ToString(), image.Tree.Sha256, image.Tree.Size, image.Created);
}
