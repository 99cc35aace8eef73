using System.Collections.Concurrent;
using System.Net;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>A real HTTP server on loopback that keeps what it is sent.</summary>
public sealed class HttpReceiver : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task loop;

    public HttpReceiver()
    {
        Url = $"http://127.0.0.1:{Machine.FreePort()}/";
        listener.Prefixes.Add(Url);
        listener.Start();
        loop = ServeAsync();
    }

    public string Url { get; }

    /// <summary>What it answers.</summary>
    public int Status { get; set; } = 200;

    public ConcurrentQueue<Received> Requests { get; } = new();

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await loop;
        ((IDisposable)listener).Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                _ = TakeAsync(await listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
            {
                if (!listener.IsListening)
                {
                    return;
                }
            }
        }
    }

    private async Task TakeAsync(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream);
            Requests.Enqueue(new(TimeProvider.System.GetUtcNow(), context.Request.RawUrl!, context.Request.Headers, await reader.ReadToEndAsync()));
            context.Response.StatusCode = Status;
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            // Whoever sent it was killed.
        }
    }

    /// <summary>A request.</summary>
    public sealed record Received(DateTimeOffset At, string Path, System.Collections.Specialized.NameValueCollection Headers, string Body);
}
