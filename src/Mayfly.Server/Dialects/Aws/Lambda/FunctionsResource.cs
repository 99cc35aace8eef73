using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Images;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>CreateFunction, GetFunction, ListFunctions, DeleteFunction.</summary>
internal sealed class FunctionsResource(LambdaStores stores, FunctionStates states, CodeResource code, FunctionChecks checks, ServerSettings settings, TimeProvider time)
{
    private readonly FunctionRegistry _registry = stores.Functions;
    private readonly LayerChecks _layers = new(stores.Layers);
    private readonly SigningChecks _signing = new(stores.CodeSigning);
    private readonly ImageChecks _images = new(stores.Images);
    private readonly FunctionListing _listing = new(stores.Functions.Table);

    public async Task CreateAsync(LambdaCall call)
    {
        // 1. Read and check everything but the code.
        var request = await call.ReadAsync(LambdaJson.Default.CreateFunctionRequest);
        var key = call.Function(request.FunctionName!).Key;
        FunctionSettingsMerge.RefuseWhatIsNotServed(request);
        var image = _images.ForNew(request);
        if (image is null && request is not { Runtime.Length: > 0, Handler.Length: > 0 })
        {
            throw LambdaException.InvalidParameter("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
        }

        var config = request.Over(new() { Runtime = request.Runtime ?? ImageSettings.Runtime, Image = image?.Settings }) with { Tags = FunctionSettingsMerge.Sorted(request.Tags) };
        config = request.Architectures is { } architectures ? config with { Architectures = [.. architectures] } : config;
        checks.Check(config);
        FunctionChecks.CheckTags(config.Tags);
        RefuseDuplicate(_registry.Table.Current.Functions.GetValueOrDefault(key));

        if (request.CodeSigningConfigArn is { } signing)
        {
            _signing.Existing(signing, key);
            _signing.RefuseUnsigned(signing, key);
        }

        var layers = await _layers.ResolveAsync(config.Layers, key, call.Aborted);

        // 2. Keep the code, then the function.
        var package = image?.Tree ?? await code.AddAsync(request.Code, call);
        _layers.CheckSize(package, layers);
        Revision? shown = null;
        await _registry.ChangeAsync(
            key,
            existing =>
            {
                RefuseDuplicate(existing);
                var function = new Function
                {
                    Key = key,
                    Latest = new() { Id = Guid.NewGuid().ToString(), Function = key, Config = config, Code = package, Layers = layers, LastModified = time.GetUtcNow() },
                    CodeSigning = request.CodeSigningConfigArn,
                };
                (function, shown) = request.Publish ? function.Publish(null, time.GetUtcNow()) : (function, function.Latest);
                return function;
            },
            call.Aborted);
        await call.AnswerAsync(201, FunctionAnswers.Configuration(shown!, key.Arn, FunctionStates.Creating), LambdaJson.Default.FunctionConfigurationJson);
    }

    public Task GetAsync(LambdaCall call)
    {
        var reference = call.Function();
        var function = _registry.Table.Existing(reference);
        var revision = FunctionAnswers.RevisionOf(function, reference.Qualifier)!;
        var config = function.Latest.Config;
        return call.AnswerAsync(
            200,
            new(
                FunctionAnswers.Configuration(revision, FunctionAnswers.ArnOf(reference), states.Now(revision)),
                LocationOf(revision),
                config.Tags.IsEmpty ? null : config.Tags,
                config.ReservedConcurrency is { } reserved ? new(reserved) : null),
            LambdaJson.Default.GetFunctionAnswer);
    }

    public Task ListAsync(LambdaCall call)
    {
        var versions = call.Query("FunctionVersion") == "ALL";
        var page = _listing.Page(call.Scope, call.Query("Marker"), Paging.Most(call, 50), versions, out var next);
        var functions = page.Select(revision => FunctionAnswers.Configuration(revision, FunctionAnswers.ArnOf(revision.Function, versions ? revision.Version : null), state: null)).ToList();
        return call.AnswerAsync(200, new(next, functions), LambdaJson.Default.ListFunctionsAnswer);
    }

    public async Task DeleteAsync(LambdaCall call)
    {
        var reference = call.Function();
        if (reference.Qualifier == Revision.Latest)
        {
            throw LambdaException.InvalidParameter("$LATEST version cannot be deleted without deleting the function.");
        }

        await _registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Existing(existing, reference with { Qualifier = null });
                return reference.Qualifier is { } qualifier ? VersionsResource.Without(function, qualifier) : null;
            },
            call.Aborted);
        await call.NothingAsync();
    }

    private CodeLocationJson LocationOf(Revision revision) => revision.Config.Image is { } image
        ? new("ECR", ImageUri: image.Uri, ResolvedImageUri: ImageReference.Resolve(image.Uri, revision.Code.Sha256))
        : new("S3", settings.BaseUrl + LambdaOperations.CodePath + revision.Code.Sha256);

    private static void RefuseDuplicate(Function? existing)
    {
        if (existing is not null)
        {
            throw LambdaException.Conflict($"Function already exist: {existing.Key.Name}");
        }
    }
}
