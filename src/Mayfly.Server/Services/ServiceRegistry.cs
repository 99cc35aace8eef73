using System.Collections.Immutable;
using Mayfly.Server.Functions;
using Mayfly.Server.Functions.Layers;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>The deployed services. A deployment becomes true as a whole, in one transaction with its functions, or not at all.</summary>
public sealed class ServiceRegistry : IDisposable
{
    private readonly FunctionRegistry _functions;
    private readonly CodePackageStore _packages;
    private readonly LayerRegistry _layers;
    private readonly ServiceLayers _serviceLayers;
    private readonly RuntimeCatalog _runtimes;
    private readonly ServerSettings _settings;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile ImmutableSortedDictionary<string, DeployedService> _current;

    /// <summary>Loads what is deployed.</summary>
    /// <param name="database">The open store, the same that <paramref name="functions"/> writes to.</param>
    /// <param name="functions">The one writer of functions.</param>
    /// <param name="layers">The one writer of layers, and where uploaded code is.</param>
    /// <param name="runtimes">Which runtimes there are.</param>
    /// <param name="settings">The account, and the region of services that name none.</param>
    /// <param name="time">The clock.</param>
    public ServiceRegistry(Database database, FunctionRegistry functions, LayerRegistry layers, RuntimeCatalog runtimes, ServerSettings settings, TimeProvider time)
    {
        _functions = functions;
        _packages = layers.Packages;
        _layers = layers;
        _serviceLayers = new(layers, settings, time);
        _runtimes = runtimes;
        _settings = settings;
        _time = time;
        _current = database.Read(ServiceStore.Load).ToImmutableSortedDictionary(static record => record.Name, static record => new DeployedService(record), StringComparer.Ordinal);
    }

    /// <summary>What services have beside functions.</summary>
    public required IReadOnlyList<IServicePart> Parts { get; init; }

    /// <summary>All services, by name.</summary>
    public ImmutableSortedDictionary<string, DeployedService> Current => _current;

    /// <summary>The service of a name.</summary>
    public DeployedService? Find(string name) => _current.GetValueOrDefault(name);

    /// <summary>What goes for good when a service is removed, beside its functions, for a person.</summary>
    public IEnumerable<string> HeldBy(string name) => Parts.SelectMany(part => part.HeldBy(name));

    /// <summary>Makes a deployment true.</summary>
    /// <param name="deployment">What shall be.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    /// <exception cref="ServiceException">It is refused, and nothing was changed.</exception>
    public async Task<ServiceChanges> ApplyAsync(ServiceDeployment deployment, CancellationToken cancellationToken)
    {
        // 1. Refuse what cannot be before anything is touched.
        DeploymentRules.Check(deployment);
        var packages = deployment.Functions.ToDictionary(static function => function.Name, CheckCode, StringComparer.Ordinal);
        var now = _time.GetUtcNow();
        ServiceRecord? record = null;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // 2. Publish layers that differ, and find those of every function.
            var before = Find(deployment.Service)?.Record.Layers ?? [];
            var published = await _serviceLayers.PublishAsync(deployment, deployment.Region ?? _settings.Region, before, cancellationToken);
            var resolved = ImmutableArray.CreateBuilder<(DeployedFunction Function, ImmutableArray<CodePackage> Layers)>();
            foreach (var function in deployment.Functions)
            {
                resolved.Add(await _serviceLayers.ResolveAsync(function, published, cancellationToken));
            }

            // 3. Compare with what is there and write the difference, the service's row with it.
            ImmutableArray<FunctionChange> changes = [];
            var region = deployment.Region ?? _settings.Region;
            await ApplyPartsAsync(
                PlanOf(deployment, region),
                writeParts => _functions.ApplyAsync(
                    snapshot =>
                    {
                        var row = Record(snapshot, deployment, now) with { Layers = published };
                        var (plan, said) = Plan(snapshot, row, resolved.ToImmutable(), packages, now);
                        (record, changes) = (row, said);
                        return plan with
                        {
                            Also = session =>
                            {
                                ServiceStore.Put(session, row);
                                writeParts(session);
                            },
                        };
                    },
                    CancellationToken.None),
                cancellationToken);

            // 4. Show it.
            var service = new DeployedService(record!);
            _current = _current.SetItem(service.Record.Name, service);
            await _serviceLayers.RetireAsync(before, published);
            CollectPackages();
            return new(service, changes);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Removes a service and its functions.</summary>
    /// <returns>The names of the removed functions; <see langword="null"/> when there is no such service.</returns>
    public async Task<IReadOnlyList<string>?> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (!_current.TryGetValue(name, out var service))
            {
                return null;
            }

            FunctionKey[] removed = [];
            await ApplyPartsAsync(
                PlanOf(new() { Service = name, Stage = service.Record.Stage, Functions = [] }, service.Record.Region) with { IsRemoval = true },
                writeParts => _functions.ApplyAsync(
                    snapshot =>
                    {
                        removed = [.. snapshot.Functions.Values.Where(function => function.Service == name).Select(static function => function.Key)];
                        return new()
                        {
                            Remove = removed,
                            Also = session =>
                            {
                                ServiceStore.Remove(session, name);
                                writeParts(session);
                            },
                        };
                    },
                    CancellationToken.None),
                cancellationToken);
            _current = _current.Remove(name);
            await _serviceLayers.RetireAsync(service.Record.Layers, []);
            CollectPackages();
            return [.. removed.Select(static key => key.Name).Order(StringComparer.Ordinal)];
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private ServicePlan PlanOf(ServiceDeployment deployment, string region)
    {
        var there = _functions.Table.Current.Functions;
        var kept = deployment.Keep.Where(name => there.GetValueOrDefault(new(_settings.Account, region, name))?.Service == deployment.Service).Select(static name => (Name: name, Alias: (string?)null));
        return new(deployment, _settings.Account, region)
        {
            Functions = deployment.Functions.Select(static function => (function.Name, Alias: function.Alias?.Name)).Concat(kept)
                .DistinctBy(static function => function.Name, StringComparer.Ordinal)
                .ToImmutableDictionary(static function => function.Name, static function => function.Alias, StringComparer.Ordinal),
        };
    }

    // Each part takes its turn, and the last one writes them all.
    private Task ApplyPartsAsync(ServicePlan plan, Func<Action<SqlSession>, Task> last, CancellationToken cancellationToken)
    {
        var apply = last;
        foreach (var part in Parts.Reverse())
        {
            var inner = apply;
            apply = outer => part.ApplyAsync(
                plan,
                own => inner(session =>
                {
                    outer(session);
                    own(session);
                }),
                cancellationToken);
        }

        return apply(static _ => { });
    }

    private CodePackage CheckCode(DeployedFunction function)
    {
        if (!_runtimes.Knows(function.Config.Runtime))
        {
            throw new ServiceException("UnknownRuntime", $"function '{function.Name}': there is no runtime '{function.Config.Runtime}'. Known are {string.Join(", ", _runtimes.Names)}.");
        }

        return _packages.Find(function.PackageSha256)
            ?? throw new ServiceException("PackageMissing", $"function '{function.Name}': package {function.PackageSha256} is not here; upload it first.");
    }

    private ServiceRecord Record(FunctionSnapshot snapshot, ServiceDeployment deployment, DateTimeOffset now)
    {
        var region = deployment.Region ?? _settings.Region;
        var functions = deployment.Functions.Select(static function => function.Name)
            .Concat(deployment.Keep.Where(name => snapshot.Functions.GetValueOrDefault(new(_settings.Account, region, name))?.Service == deployment.Service))
            .Distinct(StringComparer.Ordinal).ToImmutableArray();
        return new()
        {
            Name = deployment.Service,
            Stage = deployment.Stage,
            Region = region,
            Functions = functions,
            Routes = [.. deployment.Routes.Where(route => functions.Contains(route.Function, StringComparer.Ordinal))],
            DeployedAt = now,
        };
    }

    private (FunctionChanges Plan, ImmutableArray<FunctionChange> Said) Plan(
        FunctionSnapshot snapshot, ServiceRecord record, ImmutableArray<(DeployedFunction Function, ImmutableArray<CodePackage> Layers)> functions, Dictionary<string, CodePackage> packages, DateTimeOffset now)
    {
        var put = new List<Function>();
        var said = ImmutableArray.CreateBuilder<FunctionChange>();
        var kept = new HashSet<FunctionKey>();
        foreach (var (wanted, layers) in functions)
        {
            var key = new FunctionKey(_settings.Account, record.Region, wanted.Name);
            var old = snapshot.Functions.GetValueOrDefault(key);
            if (old?.Service is { } owner && owner != record.Name)
            {
                throw new ServiceException("FunctionTaken", $"function '{wanted.Name}' belongs to service '{owner}'. Rename one of them, or remove that service first.");
            }

            kept.Add(key);
            var made = FunctionMerge.Over(old, wanted, Revise(wanted, layers, key, packages[wanted.Name], now), record.Name, now);
            said.Add(new(wanted.Name, old is null ? ChangeKind.Created : ReferenceEquals(old, made) ? ChangeKind.Unchanged : ChangeKind.Updated));
            if (!ReferenceEquals(old, made))
            {
                put.Add(made);
            }
        }

        var gone = snapshot.Functions.Values.Where(function => function.Service == record.Name && !kept.Contains(function.Key) && !record.Functions.Contains(function.Key.Name, StringComparer.Ordinal)).Select(static function => function.Key).ToList();
        said.AddRange(gone.Select(static key => new FunctionChange(key.Name, ChangeKind.Removed)));
        return (new() { Put = put, Remove = gone }, said.ToImmutable());
    }

    private static Revision Revise(DeployedFunction wanted, ImmutableArray<CodePackage> layers, FunctionKey key, CodePackage code, DateTimeOffset now) =>
        new() { Id = Guid.NewGuid().ToString(), Function = key, Config = wanted.Config, Code = code, Layers = layers, LastModified = now };

    private void CollectPackages() =>
        _packages.CollectUnreferenced(CodeReferences.Of(_functions.Table.Current, _layers.Current));
}
