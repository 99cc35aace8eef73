using System.Collections.Immutable;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Functions.Layers;

/// <summary>The one writer of layers: a change is durable in the store before anybody sees it.</summary>
public sealed class LayerRegistry : IDisposable
{
    private readonly Database _database;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile ImmutableSortedDictionary<LayerKey, Layer> _current;

    /// <summary>Loads what is published.</summary>
    /// <param name="database">The open store.</param>
    /// <param name="packages">Where the content of layers is.</param>
    public LayerRegistry(Database database, CodePackageStore packages)
    {
        _database = database;
        Packages = packages;
        _current = database.Read(LayerStore.Load);
    }

    /// <summary>Where the content of layers is.</summary>
    public CodePackageStore Packages { get; }

    /// <summary>All layers, also those whose versions are all deleted, in the order of their names.</summary>
    public ImmutableSortedDictionary<LayerKey, Layer> Current => _current;

    /// <summary>The version, unless it never was or is deleted.</summary>
    public LayerVersion? Find(LayerVersionRef reference) =>
        _current.TryGetValue(reference.Layer, out var layer) ? layer.Versions.GetValueOrDefault(reference.Number) : null;

    /// <summary>Publishes the next version of a layer, its first when the layer is new.</summary>
    /// <param name="key">The layer.</param>
    /// <param name="make">Gets the version's number and makes it.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public async Task<LayerVersion> PublishAsync(LayerKey key, Func<LayerVersionRef, LayerVersion> make, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var layer = _current.GetValueOrDefault(key) ?? new(key, 0, ImmutableSortedDictionary<long, LayerVersion>.Empty);
            var version = make(new(key, layer.Last + 1));
            await WriteAsync(layer, version.Ref, version);
            return version;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Changes or deletes one version. Changes of all callers are made one after the other.</summary>
    /// <param name="reference">Which.</param>
    /// <param name="change">Gets the version as it is (<see langword="null"/> when absent) and returns it as it shall be (<see langword="null"/> to delete). May throw to refuse.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    /// <returns>The version as it is now.</returns>
    public async Task<LayerVersion?> ChangeAsync(LayerVersionRef reference, Func<LayerVersion?, LayerVersion?> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var old = Find(reference);
            var version = change(old);
            if (!ReferenceEquals(old, version))
            {
                await WriteAsync(_current[reference.Layer], reference, version);
            }

            return version;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Makes sure of the tree that shows layers laid over each other.</summary>
    /// <exception cref="CodePackageException">They do not go together.</exception>
    public Task StackAsync(IReadOnlyList<CodePackage> layers, CancellationToken cancellationToken) =>
        layers.Count > 1 ? Packages.MergeAsync(layers, LayerStack.HashOf(layers)!, cancellationToken) : Task.CompletedTask;

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private async Task WriteAsync(Layer layer, LayerVersionRef reference, LayerVersion? version)
    {
        await _database.WriteAsync(session => LayerStore.Put(session, reference, version), CancellationToken.None);
        _current = _current.SetItem(layer.Key, layer with
        {
            Last = Math.Max(layer.Last, reference.Number),
            Versions = version is null ? layer.Versions.Remove(reference.Number) : layer.Versions.SetItem(reference.Number, version),
        });
    }
}
