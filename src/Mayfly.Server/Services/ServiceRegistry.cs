using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>The deployed services. A deployment becomes true as a whole, in one transaction with its functions, or not at all.</summary>
public sealed class ServiceRegistry : IDisposable
{
    private readonly FunctionRegistry _functions;
    private readonly CodePackageStore _packages;
    private readonly RuntimeCatalog _runtimes;
    private readonly ServerSettings _settings;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile ImmutableSortedDictionary<string, DeployedService> _current;

    /// <summary>Loads what is deployed.</summary>
    /// <param name="database">The open store, the same that <paramref name="functions"/> writes to.</param>
    /// <param name="functions">The one writer of functions.</param>
    /// <param name="packages">Where uploaded code is.</param>
    /// <param name="runtimes">Which runtimes there are.</param>
    /// <param name="settings">The account, and the region of services that name none.</param>
    /// <param name="time">The clock.</param>
    public ServiceRegistry(Database database, FunctionRegistry functions, CodePackageStore packages, RuntimeCatalog runtimes, ServerSettings settings, TimeProvider time)
    {
        _functions = functions;
        _packages = packages;
        _runtimes = runtimes;
        _settings = settings;
        _time = time;
        _current = database.Read(ServiceStore.Load).ToImmutableSortedDictionary(static record => record.Name, static record => new DeployedService(record), StringComparer.Ordinal);
    }

    /// <summary>All services, by name.</summary>
    public ImmutableSortedDictionary<string, DeployedService> Current => _current;

    /// <summary>The service of a name.</summary>
    public DeployedService? Find(string name) => _current.GetValueOrDefault(name);

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
            // 2. Compare with what is there and write the difference, the service's row with it.
            ImmutableArray<FunctionChange> changes = [];
            await _functions.ApplyAsync(
                snapshot =>
                {
                    var row = Record(snapshot, deployment, now);
                    var (plan, said) = Plan(snapshot, row, deployment, packages, now);
                    (record, changes) = (row, said);
                    return plan with { Also = session => ServiceStore.Put(session, row) };
                },
                cancellationToken);

            // 3. Show it.
            var service = new DeployedService(record!);
            _current = _current.SetItem(service.Record.Name, service);
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
            if (!_current.ContainsKey(name))
            {
                return null;
            }

            FunctionKey[] removed = [];
            await _functions.ApplyAsync(
                snapshot =>
                {
                    removed = [.. snapshot.Functions.Values.Where(function => function.Service == name).Select(static function => function.Key)];
                    return new() { Remove = removed, Also = session => ServiceStore.Remove(session, name) };
                },
                cancellationToken);
            _current = _current.Remove(name);
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
        FunctionSnapshot snapshot, ServiceRecord record, ServiceDeployment deployment, Dictionary<string, CodePackage> packages, DateTimeOffset now)
    {
        var put = new List<Function>();
        var said = ImmutableArray.CreateBuilder<FunctionChange>();
        var kept = new HashSet<FunctionKey>();
        foreach (var wanted in deployment.Functions)
        {
            var key = new FunctionKey(_settings.Account, record.Region, wanted.Name);
            var old = snapshot.Functions.GetValueOrDefault(key);
            if (old?.Service is { } owner && owner != record.Name)
            {
                throw new ServiceException("FunctionTaken", $"function '{wanted.Name}' belongs to service '{owner}'. Rename one of them, or remove that service first.");
            }

            kept.Add(key);
            var made = Merge(old, wanted, key, record.Name, packages[wanted.Name], now);
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

    /// <summary>The function as it shall be: the old object itself when nothing differs, the old revision when only the URL does.</summary>
    private static Function Merge(Function? old, DeployedFunction wanted, FunctionKey key, string service, CodePackage code, DateTimeOffset now)
    {
        var same = old is not null && old.Latest.Code == code && SameJson(old.Latest.Config, wanted.Config, ServicesJson.Default.FunctionConfig);
        var revision = same
            ? old!.Latest
            : new Revision { Id = Guid.NewGuid().ToString(), Function = key, Config = wanted.Config, Code = code, LastModified = now };

        var url = wanted.Url is null ? null : wanted.Url with
        {
            Id = old?.Url?.Id ?? (wanted.Url.Id is { Length: > 0 } given ? given : RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 32)),
            CreationTime = old?.Url?.CreationTime ?? now,
            LastModifiedTime = old?.Url?.LastModifiedTime ?? now,
        };
        if (url is not null && old?.Url is not null && !SameJson(old.Url, url, ServicesJson.Default.FunctionUrl))
        {
            url = url with { LastModifiedTime = now };
        }
        else if (url is not null)
        {
            url = old?.Url ?? url;
        }

        if (old is null)
        {
            return new() { Key = key, Latest = revision, Url = url, Service = service };
        }

        return same && ReferenceEquals(url, old.Url) && old.Service == service ? old : old with { Latest = revision, Url = url, Service = service };
    }

    private static bool SameJson<T>(T left, T right, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.SerializeToUtf8Bytes(left, type).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(right, type));

    private void CollectPackages() =>
        _packages.CollectUnreferenced(_functions.Table.Current.Functions.Values.Select(static function => function.Latest.Code.Sha256).ToHashSet(StringComparer.Ordinal));
}
