using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions.Layers;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>PublishLayerVersion, GetLayerVersion, GetLayerVersionByArn, ListLayers, ListLayerVersions, DeleteLayerVersion.</summary>
internal sealed class LayersResource(LayerRegistry registry, CodeResource packages, ServerSettings settings, TimeProvider time)
{
    private const int PageSize = 50;

    public async Task PublishAsync(LambdaCall call)
    {
        // 1. Refuse what can be refused without the content.
        var layer = call.Layer();
        var request = await call.ReadAsync(LambdaJson.Default.PublishLayerVersionRequest);
        if (layer.Account != call.Scope.Account || layer.Region != call.Scope.Region)
        {
            throw LayerAnswers.NotAllowed(call.Scope.Account, layer.Arn);
        }

        // 2. Keep the content, then the version.
        var code = await packages.AddAsync(request.Content, call);
        var version = await registry.PublishAsync(
            layer,
            reference => new()
            {
                Ref = reference,
                Code = code,
                Description = request.Description ?? "",
                CompatibleRuntimes = request.CompatibleRuntimes,
                CompatibleArchitectures = request.CompatibleArchitectures,
                License = request.LicenseInfo,
                Created = time.GetUtcNow(),
            },
            call.Aborted);
        await call.AnswerAsync(201, LayerAnswers.Whole(version, settings), LambdaJson.Default.LayerVersionAnswer);
    }

    public Task GetAsync(LambdaCall call) => AnswerAsync(call, call.LayerVersion());

    public Task GetByArnAsync(LambdaCall call)
    {
        // A number too long to be one is of a version that never was.
        return LayerVersionRef.TryParse(call.Query("Arn")!, out LayerVersionRef reference) ? AnswerAsync(call, reference) : throw LayerAnswers.NotThere();
    }

    public Task ListAsync(LambdaCall call)
    {
        var fits = Filter(call);
        var layers = registry.Current.Values
            .Where(layer => layer.Key.Account == call.Scope.Account && layer.Key.Region == call.Scope.Region)
            .Select(layer => (layer.Key, Newest: layer.Versions.Values.LastOrDefault(fits)))
            .Where(static found => found.Newest is not null);
        var page = Paging.Page(call, [.. layers], static found => found.Key.Name, PageSize, out var next);
        return call.AnswerAsync(
            200,
            new(next, [.. page.Select(static found => new LayerItem(found.Key.Name, found.Key.Arn, LayerAnswers.Item(found.Newest!)))]),
            LambdaJson.Default.ListLayersAnswer);
    }

    public Task ListVersionsAsync(LambdaCall call)
    {
        // Newest first; a layer that never was has no versions.
        IEnumerable<LayerVersion> versions = registry.Current.GetValueOrDefault(call.Layer())?.Versions.Values ?? [];
        versions = versions.Where(version => version.IsOpenTo(call.Scope.Account)).Where(Filter(call)).Reverse();
        var page = Paging.Page(call, [.. versions], static version => Key(version.Ref.Number), PageSize, out var next);
        return call.AnswerAsync(200, new(next, [.. page.Select(LayerAnswers.Item)]), LambdaJson.Default.ListLayerVersionsAnswer);
    }

    /// <summary>Functions that have the version keep its content; deleting what is not there is no error.</summary>
    public async Task DeleteAsync(LambdaCall call)
    {
        var reference = call.LayerVersion();
        if (reference.Layer.Account != call.Scope.Account)
        {
            throw LayerAnswers.NotAllowed(call.Scope.Account, reference.Arn);
        }

        await registry.ChangeAsync(reference, static _ => null, call.Aborted);
        await call.NothingAsync();
    }

    private Task AnswerAsync(LambdaCall call, LayerVersionRef reference)
    {
        var version = registry.Find(reference);
        if (reference.Layer.Account != call.Scope.Account && version?.IsOpenTo(call.Scope.Account) != true)
        {
            throw LayerAnswers.NotAllowed(call.Scope.Account, reference.Arn);
        }

        return call.AnswerAsync(200, LayerAnswers.Whole(version ?? throw LayerAnswers.NotThere(), settings), LambdaJson.Default.LayerVersionAnswer);
    }

    private static Func<LayerVersion, bool> Filter(LambdaCall call)
    {
        var (runtime, architecture) = (call.Query("CompatibleRuntime"), call.Query("CompatibleArchitecture"));
        return version =>
            (runtime is null || version.CompatibleRuntimes?.Contains(runtime) == true)
            && (architecture is null || version.CompatibleArchitectures?.Contains(architecture) == true);
    }

    // Of the same length for every number, and falling: the newest comes first.
    private static string Key(long number) => (long.MaxValue - number).ToString("D19", System.Globalization.CultureInfo.InvariantCulture);
}
