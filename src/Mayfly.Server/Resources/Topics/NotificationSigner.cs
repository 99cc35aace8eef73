using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Topics;

/// <summary>Has the one key of this store that notifications are signed with; it is made when it is first needed.</summary>
/// <param name="database">The store.</param>
/// <param name="time">The clock.</param>
public sealed class NotificationSigner(Database database, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile SigningKey? _key;

    /// <summary>The key, which is on disk by then.</summary>
    public ValueTask<SigningKey> GetAsync() => _key is { } key ? new(key) : new(LoadAsync());

    /// <inheritdoc />
    public void Dispose()
    {
        _key?.Dispose();
        _turn.Dispose();
    }

    private async Task<SigningKey> LoadAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (_key is null)
            {
                var kept = database.Read(TopicStore.FindKey);
                if (kept is null)
                {
                    kept = SigningKey.Make(time.GetUtcNow());
                    await database.WriteAsync(session => TopicStore.PutKey(session, kept.Value.Key, kept.Value.Certificate), CancellationToken.None);
                }

                _key = new(kept.Value.Key, kept.Value.Certificate);
            }

            return _key;
        }
        finally
        {
            _turn.Release();
        }
    }
}
