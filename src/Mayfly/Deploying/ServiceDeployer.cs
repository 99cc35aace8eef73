using System.Text.Json;
using Mayfly.Client;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Functions;
using Mayfly.Server.Services;

namespace Mayfly.Deploying;

/// <summary>
/// Brings a service onto the server function by function: each serves as soon as its own build is done, and one whose build fails
/// keeps its last good version.
/// </summary>
/// <param name="client">The server.</param>
/// <param name="build">How a function is built.</param>
/// <param name="pack">How a layer is packed.</param>
/// <param name="time">The clock.</param>
public sealed class ServiceDeployer(AdminClient client, FunctionBuilder build, LayerPacker pack, TimeProvider time) : IDisposable
{
    private readonly ServiceLayersUpload _layers = new(client, pack);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _pushing = new(1);
    private readonly SemaphoreSlim _building = new(Math.Max(2, Environment.ProcessorCount));
    private readonly Dictionary<string, DeployedFunction> _good = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CancellationTokenSource> _running = new(StringComparer.Ordinal);
    private ServiceManifest? _manifest;
    private HashSet<string> _serving = [];
    private int _wanted;
    private int _pushed;

    /// <summary>Completes when the server answers; builds do not wait for it.</summary>
    public Task Ready { get; init; } = Task.CompletedTask;

    /// <summary>Names of the functions that serve.</summary>
    public IReadOnlySet<string> Serving
    {
        get
        {
            lock (_gate)
            {
                return _serving;
            }
        }
    }

    /// <summary>Builds what changed and deploys.</summary>
    /// <param name="next">The manifest as it is now.</param>
    /// <param name="changed">Which functions must be built again.</param>
    /// <param name="changedLayer">Which layers must be packed again.</param>
    /// <param name="done">Called after each function with what came of it, when it serves or has failed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task DeployAsync(ServiceManifest next, Func<FunctionDefinition, bool> changed, Func<LayerDefinition, bool> changedLayer, Action<FunctionBuild> done, CancellationToken cancellationToken)
    {
        List<FunctionDefinition> todo;
        var packing = next.Layers.Where(layer => changedLayer(layer) || _layers.IsMissing(layer)).ToList();
        lock (_gate)
        {
            _manifest = next;
            todo = [.. next.Functions.Where(function => changed(function) || !_good.ContainsKey(function.Name) || packing.Any(layer => function.Config.Layers.Contains(layer.Name)))];
            foreach (var name in _good.Keys.Except(next.Functions.Select(static f => f.Name), StringComparer.Ordinal).ToList())
            {
                _good.Remove(name);
            }

            _wanted++;
        }

        var layers = _layers.UploadAsync(packing, Ready, cancellationToken);
        var builds = todo.Select(function => BuildOneAsync(function, layers, cancellationToken)).ToList();
        await foreach (var finished in Task.WhenEach(builds))
        {
            if (await finished is { } result)
            {
                if (result.Problem is null)
                {
                    await PushAsync(cancellationToken);
                }

                done(result);
            }
        }

        await layers;
        await PushAsync(cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _pushing.Dispose();
        _building.Dispose();
    }

    // Null when a newer build of the same function took over.
    private async Task<FunctionBuild?> BuildOneAsync(FunctionDefinition function, Task<HashSet<string>> layers, CancellationToken cancellationToken)
    {
        using var own = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lock (_gate)
        {
            if (_running.TryGetValue(function.Name, out var earlier))
            {
                earlier.Cancel();
            }

            _running[function.Name] = own;
        }

        var began = time.GetTimestamp();
        try
        {
            await _building.WaitAsync(own.Token);
            FunctionBuild result;
            try
            {
                result = await build(function, own.Token);
            }
            finally
            {
                _building.Release();
            }

            if (result is { Problem: null, ZipFile: { } zip, Sha256: { } sha })
            {
                var fresh = await layers.WaitAsync(own.Token);
                if (_layers.ProblemOf(function.Config.Layers) is { } problem)
                {
                    return result with { Problem = problem };
                }

                await Ready.WaitAsync(own.Token);
                await client.PutPackageAsync(sha, zip, own.Token);
                (var config, result) = await FindLayersAsync(function.Config, result, own.Token);
                lock (_gate)
                {
                    own.Token.ThrowIfCancellationRequested();
                    var next = new DeployedFunction { Name = function.Name, Config = config, PackageSha256 = sha, Url = function.Url, Alias = function.Alias, Async = function.Async, KeepsVersions = function.KeepsVersions };
                    result = result with { Changed = !Same(_good.GetValueOrDefault(function.Name), next) };
                    if (result.Changed)
                    {
                        _good[function.Name] = next;
                        _wanted++;
                    }
                    else if (function.Config.Layers.Any(fresh.Contains))
                    {
                        // The server names the layer's new version in its place.
                        result = result with { Changed = true };
                        _wanted++;
                    }
                }
            }

            return result with { Took = time.GetElapsedTime(began) };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (RefusedException e)
        {
            return new FunctionBuild(function) { Problem = e.Message };
        }
        finally
        {
            lock (_gate)
            {
                if (_running.GetValueOrDefault(function.Name) == own)
                {
                    _running.Remove(function.Name);
                }
            }
        }
    }

    // A layer of elsewhere that is not on the server is left out, and said: without it the function may still be of use.
    private async Task<(FunctionConfig Config, FunctionBuild Build)> FindLayersAsync(FunctionConfig config, FunctionBuild build, CancellationToken cancellationToken)
    {
        foreach (var arn in config.Layers.Where(static layer => layer.Contains(':', StringComparison.Ordinal)))
        {
            if (!await client.HasLayerAsync(arn, cancellationToken))
            {
                config = config with { Layers = config.Layers.Remove(arn) };
                var notice = $"the layer {arn} is not on this server and is left out; aws lambda publish-layer-version brings it";
                build = build with { Notice = build.Notice is null ? notice : $"{build.Notice}; {notice}" };
            }
        }

        return (config, build);
    }

    // Settings hold collections, whose equality is their identity: what is sent is what counts.
    private static bool Same(DeployedFunction? a, DeployedFunction b) =>
        a is not null && JsonSerializer.Serialize(a, NativeJson.Default.DeployedFunction) == JsonSerializer.Serialize(b, NativeJson.Default.DeployedFunction);

    // Brings the server to what is good now. Callers that wait here for another's push find their own already made.
    private async Task PushAsync(CancellationToken cancellationToken)
    {
        await _pushing.WaitAsync(cancellationToken);
        try
        {
            ServiceDeployment deployment;
            int goal;
            lock (_gate)
            {
                if (_pushed == _wanted)
                {
                    return;
                }

                goal = _wanted;
                var functions = _manifest!.Functions.Where(function => _good.ContainsKey(function.Name)).Select(function => _good[function.Name]).ToList();
                deployment = new ServiceDeployment
                {
                    Service = _manifest.Name,
                    Stage = _manifest.Stage,
                    Region = _manifest.Region,
                    Layers = [.. _layers.Of(_manifest)],
                    Functions = [.. functions],

                    // What does not build, or is still being built, serves on from before.
                    Keep = [.. _manifest.Functions.Select(static function => function.Name).Where(name => !_good.ContainsKey(name))],
                    Routes = _manifest.Routes,
                    Rules = _manifest.Rules,
                    Schedules = _manifest.Schedules,
                    ScheduleGroups = _manifest.ScheduleGroups,
                    Buses = _manifest.Buses,
                    Buckets = _manifest.Buckets,
                    Notifications = _manifest.Notifications,
                    Queues = _manifest.Queues,
                    Topics = _manifest.Topics,
                    Subscriptions = _manifest.Subscriptions,
                    Mappings = _manifest.Mappings,
                    Brokers = _manifest.Brokers,
                };
            }

            // A service without functions comes here before anything else has waited.
            await Ready.WaitAsync(cancellationToken);
            var reply = await client.PutServiceAsync(deployment, cancellationToken);
            lock (_gate)
            {
                _serving = [.. reply.Functions.Select(static function => function.Name)];
            }

            _pushed = goal;
        }
        finally
        {
            _pushing.Release();
        }
    }
}
