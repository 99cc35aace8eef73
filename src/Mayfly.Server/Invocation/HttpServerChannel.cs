using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Invocation;

/// <summary>
/// Talks HTTP to a program that is itself a server. It is initialised when its port accepts. An HTTP exchange is passed
/// through with its body streaming both ways; any other invocation is a <c>POST /</c> with the event as body.
/// </summary>
/// <param name="port">The port on the loopback that the program was told to listen on.</param>
/// <param name="time">For the pauses between connection attempts.</param>
/// <param name="dial">Makes a connected socket where the program has a loopback of its own; <see langword="null"/> on the machine's.</param>
public sealed class HttpServerChannel(int port, TimeProvider time, Func<int, CancellationToken, Task<Socket>>? dial = null) : IInvocationChannel
{
    // Hop-by-hop headers of RFC 9110, section 7.6.1, and what the HTTP client sets itself.
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Host", "Content-Length",
    };

    /// <summary>How long a program that broke off may take to be gone.</summary>
    private static readonly TimeSpan ExitPatience = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _ended = new();
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectCallback = dial is { } connect ? async (_, cancellationToken) => new NetworkStream(await connect(port, cancellationToken), ownsSocket: true) : null,
    });

    private readonly Uri _origin = new($"http://127.0.0.1:{port}");
    private Instance? _instance;

    /// <inheritdoc />
    public void Begin(Instance instance)
    {
        _instance = instance;
        _ = ParkAsync(instance, 1, instance.SlotCount);
    }

    /// <inheritdoc />
    public void Send(int slot, ActiveInvocation invocation) => invocation.HttpFinished = ExchangeAsync(_instance!, slot, invocation);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _ended.Cancel();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    // Parks slots as soon as the port accepts.
    private async Task ParkAsync(Instance instance, int first, int last)
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                using var probe = dial is null ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) : await dial(port, _ended.Token);
                if (dial is null)
                {
                    await probe.ConnectAsync(IPAddress.Loopback, port, _ended.Token);
                }

                for (var slot = first; slot <= last; slot++)
                {
                    instance.OnParked(slot);
                }

                return;
            }
            catch (SocketException)
            {
                try
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(5), time, _ended.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ExchangeAsync(Instance instance, int slot, ActiveInvocation invocation)
    {
        Answer answer;
        var failed = false;
        try
        {
            answer = invocation.Http is { } http
                ? await PassThroughAsync(http, invocation)
                : await PostAsync(invocation);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A bare SocketException comes from the client's connection pool when the program goes away just as it connects.
            // A cut connection is mostly the first sign of a program's end: its exit says more to the caller.
            failed = e is not OperationCanceledException;
            await ((Task)instance.Exited).WaitAsync(failed ? ExitPatience : TimeSpan.Zero, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            answer = instance.Exited.IsCompleted ? new(AnswerKind.Exited, default)
                : new(AnswerKind.Error, ErrorPayload.Write("Http.ServerError", $"The function's HTTP server on port {port} did not answer: {e.Message}"));
        }

        if (!instance.OnAnswer(slot, answer))
        {
            return;
        }

        if (failed)
        {
            _ = ParkAsync(instance, slot, slot);
        }
        else
        {
            instance.OnParked(slot);
        }
    }

    private async Task<Answer> PassThroughAsync(HttpContext http, ActiveInvocation invocation)
    {
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(_origin, invocation.HttpTarget ?? "/"));
        var hasBody = http.Request.ContentLength > 0 || http.Request.Headers.TransferEncoding.Count > 0;
        if (hasBody)
        {
            request.Content = new StreamContent(http.Request.Body);
            request.Content.Headers.ContentLength = http.Request.ContentLength;
        }

        foreach (var (name, values) in http.Request.Headers)
        {
            if (!NotForwarded.Contains(name) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        request.Headers.Host = http.Request.Host.Value;
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", http.Connection.RemoteIpAddress?.ToString());
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", http.Request.Scheme);
        request.Headers.TryAddWithoutValidation("X-Request-Id", invocation.RequestId);
        using var response = await SendAsync(request, http.RequestAborted);
        http.Response.StatusCode = (int)response.StatusCode;
        CopyHeaders(response.Headers, http.Response.Headers);
        CopyHeaders(response.Content.Headers, http.Response.Headers);
        if (response.Content.Headers.ContentLength is { } length)
        {
            http.Response.ContentLength = length;
        }

        var body = await response.Content.ReadAsStreamAsync(_ended.Token);
        var buffer = new byte[64 * 1024];
        for (int read; (read = await body.ReadAsync(buffer, http.RequestAborted)) > 0;)
        {
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }

        return new(AnswerKind.HttpAnswered, default);
    }

    private async Task<Answer> PostAsync(ActiveInvocation invocation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_origin, invocation.HttpTarget ?? "/"));
        request.Content = new ReadOnlyMemoryContent(invocation.Payload) { Headers = { ContentType = new("application/json") } };
        request.Headers.TryAddWithoutValidation("X-Request-Id", invocation.RequestId);
        using var response = await SendAsync(request, _ended.Token);
        try
        {
            await response.Content.LoadIntoBufferAsync(InvocationLimits.MaxResponse, _ended.Token);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return new(AnswerKind.TooLarge, default);
        }

        var body = await response.Content.ReadAsByteArrayAsync(_ended.Token);
        return response.IsSuccessStatusCode ? new(AnswerKind.Response, body)
            : new(AnswerKind.Error, ErrorPayload.Write($"Http.Status{(int)response.StatusCode}", Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 4096)))));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        return await _client.SendAsync(request, either.Token);
    }

    private static void CopyHeaders(HttpHeaders from, IHeaderDictionary to)
    {
        foreach (var (name, values) in from.NonValidated)
        {
            if (!NotForwarded.Contains(name))
            {
                to[name] = values.ToArray();
            }
        }
    }
}
