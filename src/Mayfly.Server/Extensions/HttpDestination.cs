using System.Net;
using System.Net.Sockets;

namespace Mayfly.Server.Extensions;

/// <summary>Delivers records over HTTP, a JSON array a request.</summary>
internal sealed class HttpDestination : ITelemetryDestination
{
    private readonly HttpMessageInvoker _client;
    private readonly Uri _uri;
    private readonly HttpMethod _method;

    /// <param name="port">The port inside the sandbox: every connection goes there, whatever the request names.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="put">PUT instead of POST.</param>
    internal HttpDestination(SandboxPort port, string path, bool put)
    {
        _uri = new Uri(new Uri(FormattableString.Invariant($"http://sandbox.localdomain:{port.Number}")), path);
        _method = put ? HttpMethod.Put : HttpMethod.Post;
        _client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = 16,
            ConnectCallback = async (_, cancellationToken) => new NetworkStream(await port.ConnectAsync(cancellationToken), ownsSocket: true),
        });
    }

    public async Task<bool> SendAsync(IReadOnlyList<byte[]> records, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(records.Sum(record => record.Length + 1) + 2);
        body.WriteByte((byte)'[');
        for (var i = 0; i < records.Count; i++)
        {
            if (i > 0)
            {
                body.WriteByte((byte)',');
            }

            body.Write(records[i]);
        }

        body.WriteByte((byte)']');
        using var request = new HttpRequestMessage(_method, _uri)
        {
            Version = HttpVersion.Version11,
            Content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length) { Headers = { ContentType = new("application/json") } },
        };
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    public void Dispose() => _client.Dispose();
}
