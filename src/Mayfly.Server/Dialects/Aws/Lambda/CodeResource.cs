using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>UpdateFunctionCode, and the download that <c>Code.Location</c> names.</summary>
internal sealed class CodeResource(FunctionRegistry registry, CodePackageStore packages, FunctionChecks checks, TimeProvider time)
{
    public async Task UpdateAsync(LambdaCall call)
    {
        // 1. Refuse what can be refused without the code.
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.UpdateFunctionCodeRequest, FunctionsResource.MaxRequest);
        RefuseWhatIsNotServed(request.S3Bucket, request.ImageUri, request.Publish);
        Change(registry.Table.Current.Functions.GetValueOrDefault(reference.Key), reference, request, code: null);

        // 2. Keep the code, then the revision.
        var code = await AddAsync(packages, request.ZipFile, call);
        var function = request.DryRun
            ? Change(registry.Table.Current.Functions.GetValueOrDefault(reference.Key), reference, request, code)
            : await registry.ChangeAsync(reference.Key, existing => Change(existing, reference, request, code), call.Aborted);
        await call.AnswerAsync(200, FunctionAnswers.Configuration(function!, reference.Key.Arn), LambdaJson.Default.FunctionConfigurationJson);
    }

    public async Task DownloadAsync(LambdaCall call)
    {
        var package = packages.Find(call.Path[2]) ?? throw new LambdaException(404, "ResourceNotFoundException", "There is no code package of this hash.");
        call.Http.Response.ContentType = "application/zip";
        call.Http.Response.ContentLength = package.Size;
        await call.Http.Response.SendFileAsync(packages.ZipOf(package), 0, package.Size, call.Aborted);
    }

    public static void RefuseWhatIsNotServed(string? bucket, string? image, bool publish)
    {
        if (bucket is not null)
        {
            throw LambdaException.NotServed("Code from S3 (S3Bucket)");
        }

        if (image is not null)
        {
            throw LambdaException.NotServed("Code from an image (ImageUri)");
        }

        if (publish)
        {
            throw LambdaException.NotServed("Publish (numbered versions)");
        }
    }

    /// <summary>Keeps a zip that came inside a request.</summary>
    public static async Task<CodePackage> AddAsync(CodePackageStore packages, byte[]? zip, LambdaCall call)
    {
        if (zip is null)
        {
            throw LambdaException.InvalidParameter("Please provide a source for function code.");
        }

        try
        {
            return await packages.AddAsync(new MemoryStream(zip, writable: false), CodePackageStore.MaxZippedInRequest, call.Aborted);
        }
        catch (CodePackageException e)
        {
            throw LambdaException.InvalidParameter(e.Message);
        }
    }

    private Function Change(Function? existing, in FunctionRef reference, UpdateFunctionCodeRequest request, CodePackage? code)
    {
        var function = FunctionAnswers.Existing(existing, reference);
        FunctionChecks.CheckRevision(request.RevisionId, function);
        var config = function.Latest.Config;
        if (request.Architectures is { } architectures)
        {
            config = config with { Architectures = [.. architectures] };
            checks.Check(config);
        }

        return function with
        {
            Latest = function.Latest with { Id = Guid.NewGuid().ToString(), Config = config, Code = code ?? function.Latest.Code, LastModified = time.GetUtcNow() },
        };
    }
}
