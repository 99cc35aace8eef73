namespace Mayfly.FunctionalTests.Harness;

/// <summary>A server of their own for the tests of extensions.</summary>
public sealed class ExtensionServer : IAsyncDisposable
{
    private readonly Lazy<Task<MayflyServer>> _started;
    private readonly TemporaryFolder _folder = new();

    public ExtensionServer() => _started = new(() => MayflyServer.ServeAsync(_folder.Path));

    public Task<MayflyServer> GetAsync() => _started.Value;

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated && _started.Value.IsCompletedSuccessfully)
        {
            await (await _started.Value).DisposeAsync();
        }

        _folder.Dispose();
    }
}
