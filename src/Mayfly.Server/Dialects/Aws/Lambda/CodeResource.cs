using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Images;
using Mayfly.Server.Resources.Objects;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>UpdateFunctionCode, and the download that <c>Code.Location</c> names.</summary>
internal sealed class CodeResource(LambdaStores stores, FunctionChecks checks, TimeProvider time)
{
    private readonly FunctionRegistry _registry = stores.Functions;
    private readonly LayerChecks _layers = new(stores.Layers);
    private readonly ImageChecks _images = new(stores.Images);
    private readonly SigningChecks _signing = new(stores.CodeSigning);

    public async Task UpdateAsync(LambdaCall call)
    {
        // 1. Refuse what can be refused without the code.
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.UpdateFunctionCodeRequest);
        if (request.PublishTo is not null)
        {
            throw LambdaException.NotServed("PublishTo");
        }

        var before = Change(_registry.Table.Current.Functions.GetValueOrDefault(reference.Key), reference, request, code: null, image: null);

        // 2. Keep the code, then the revision.
        var image = _images.ForUpdate(request, before.Latest.Config);
        var code = image?.Tree ?? await AddAsync(request, call);
        Revision? shown = null;
        Function Made(Function? existing)
        {
            var function = Change(existing, reference, request, code, image);
            (function, shown) = request.Publish ? function.Publish(null, time.GetUtcNow()) : (function, function.Latest);
            return function;
        }

        if (request.DryRun)
        {
            Made(_registry.Table.Current.Functions.GetValueOrDefault(reference.Key));
        }
        else
        {
            await _registry.ChangeAsync(reference.Key, Made, call.Aborted);
        }

        await call.AnswerAsync(
            200,
            FunctionAnswers.Configuration(
                shown!,
                FunctionAnswers.ArnOf(reference.Key, request.Publish ? shown!.Version : null),
                request.Publish ? FunctionStates.Creating : FunctionStates.Updating),
            LambdaJson.Default.FunctionConfigurationJson);
    }

    public async Task DownloadAsync(LambdaCall call)
    {
        var package = stores.Packages.Find(call.Path[2]) ?? throw new LambdaException(404, "ResourceNotFoundException", "There is no code package of this hash.");
        call.Http.Response.ContentType = "application/zip";
        call.Http.Response.ContentLength = package.Size;
        await call.Http.Response.SendFileAsync(stores.Packages.ZipOf(package), 0, package.Size, call.Aborted);
    }

    /// <summary>Keeps a zip that came inside a request, or that a bucket has.</summary>
    public async Task<CodePackage> AddAsync(ICodeLocation? code, LambdaCall call)
    {
        if (code is { S3Bucket: { } bucket, S3Key: { } key })
        {
            return await AddAsync(bucket, key, code.S3ObjectVersion, call);
        }

        if (code?.ZipFile is not { } zip)
        {
            throw LambdaException.InvalidParameter("Please provide a source for function code.");
        }

        try
        {
            return await stores.Packages.AddAsync(new MemoryStream(zip, writable: false), CodePackageStore.MaxZippedInRequest, call.Aborted);
        }
        catch (CodePackageException e)
        {
            throw LambdaException.InvalidParameter(e.Message);
        }
    }

    private async Task<CodePackage> AddAsync(string bucket, string key, string? version, LambdaCall call)
    {
        try
        {
            await using var content = new ObjectContentStream(stores.Objects.Reader.Open(stores.Objects.Buckets.Current.Get(bucket), key, version));
            return await stores.Packages.AddAsync(content, call.Aborted);
        }
        catch (ObjectException e)
        {
            throw LambdaException.InvalidParameter($"Error occurred while GetObject. S3 Error Code: {e.Failure}. S3 Error Message: {e.Message}");
        }
        catch (CodePackageException e)
        {
            throw LambdaException.InvalidParameter(e.Message);
        }
    }

    private Function Change(Function? existing, in FunctionRef reference, UpdateFunctionCodeRequest request, CodePackage? code, ContainerImage? image)
    {
        var function = FunctionAnswers.Whole(existing, reference);
        FunctionAnswers.CheckRevision(request.RevisionId, function.Latest.RevisionId);
        _signing.RefuseUnsigned(function.CodeSigning, function.Key);
        if (code is not null)
        {
            _layers.CheckSize(code, function.Latest.Layers);
        }

        var config = function.Latest.Config;
        if (code is not null && (config.Image is null) != (image is null))
        {
            // It was deleted and made anew meanwhile, as the other kind.
            throw LambdaException.Conflict($"The function {function.Key.Name} was changed by somebody else. Try again.");
        }

        config = image is null ? config : config with { Image = config.Image! with { Uri = request.ImageUri!, Defaults = image.Defaults } };
        if (request.Architectures is { } architectures)
        {
            config = config with { Architectures = [.. architectures] };
            checks.Check(config);
        }

        return function with
        {
            Latest = function.Latest with { Id = Guid.NewGuid().ToString(), RevisionId = null!, Config = config, Code = code ?? function.Latest.Code, LastModified = time.GetUtcNow() },
        };
    }
}
