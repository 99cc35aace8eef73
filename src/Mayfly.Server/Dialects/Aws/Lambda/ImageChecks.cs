using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Images;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>What the Lambda API demands of functions that are images, worded as it words it.</summary>
internal sealed class ImageChecks(ImageRegistry images)
{
    /// <summary>The image that a caller names.</summary>
    /// <exception cref="LambdaException">There is none.</exception>
    public ContainerImage Existing(string uri) =>
        ImageReference.Parse(uri) is not { } reference ? throw LambdaException.InvalidParameter($"Source image {uri} is not valid. Provide a valid source image.")
        : images.Find(reference) ?? throw LambdaException.InvalidParameter($"Source image {uri} does not exist. Provide a valid source image.");

    /// <summary>A new function's settings as to its image; <see langword="null"/> for one with code from a zip.</summary>
    public (ImageSettings Settings, CodePackage Tree)? ForNew(CreateFunctionRequest request)
    {
        if (request.PackageType != "Image")
        {
            return request.ImageConfig is null ? null : throw LambdaException.InvalidParameter("Please don't provide ImageConfig when the intended function PackageType is Zip.");
        }

        RefuseForImages(request);
        if (request.Code is not { ImageUri: { Length: > 0 } uri, ZipFile: null, S3Bucket: null })
        {
            throw LambdaException.InvalidParameter("Please provide ImageUri when the intended function PackageType is Image.");
        }

        var image = Existing(uri);
        return (Over(request.ImageConfig, new() { Uri = uri, Defaults = image.Defaults }), image.Tree);
    }

    /// <summary>The image of an update of code; <see langword="null"/> for a function with code from a zip.</summary>
    public ContainerImage? ForUpdate(UpdateFunctionCodeRequest request, FunctionConfig config) => (config.Image, request.ImageUri) switch
    {
        (null, null) => null,
        (null, _) => throw LambdaException.InvalidParameter("Please don't provide ImageUri when updating a function with packageType Zip."),
        (_, null or "") => throw LambdaException.InvalidParameter("Please provide ImageUri when updating a function with packageType Image."),
        (_, var uri) => Existing(uri),
    };

    /// <summary>Settings with what a request changes of them.</summary>
    public static FunctionConfig Over(FunctionSettings request, FunctionConfig config)
    {
        if (config.Image is not { } image)
        {
            return request.ImageConfig is null ? config : throw LambdaException.InvalidParameter("Please don't provide ImageConfig when updating a function with packageType Zip.");
        }

        RefuseForImages(request);
        return config with { Image = Over(request.ImageConfig, image) };
    }

    /// <summary>How an image is shown that a function overrides; <see langword="null"/> when it overrides nothing.</summary>
    public static ImageConfigAnswer? Shown(ImageSettings? image) =>
        image is null or { EntryPoint: null, Command: null, WorkingDirectory: null } ? null : new(new(image.EntryPoint, image.Command, image.WorkingDirectory));

    private static void RefuseForImages(FunctionSettings request)
    {
        if (request.Runtime is not null || request.Handler is not null || request.Layers is { Length: > 0 })
        {
            throw LambdaException.InvalidParameter("Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.");
        }
    }

    // What is given replaces all that was: an empty object returns to the image's own settings.
    private static ImageSettings Over(ImageConfigJson? given, ImageSettings old) => given is null ? old : old with
    {
        EntryPoint = given.EntryPoint is { Length: > 0 } entry ? entry : null,
        Command = given.Command is { Length: > 0 } command ? command : null,
        WorkingDirectory = given.WorkingDirectory is { Length: > 0 } folder ? folder : null,
    };
}
