using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Services;
using Mayfly.Server.Telemetry;

namespace Mayfly.Client;

/// <summary>The command line's only way to the server: its admin API.</summary>
/// <param name="endpoint">The base URL.</param>
public sealed class AdminClient(Uri endpoint) : IDisposable
{
    private const string Api = "/_mayfly/api/";
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = endpoint, Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The base URL.</summary>
    public Uri Endpoint => endpoint;

    /// <summary>Fails early when no server answers.</summary>
    /// <exception cref="NoServerException">None does.</exception>
    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, "/_mayfly/health"), cancellationToken);
    }

    /// <summary>Uploads a code package unless the server has it.</summary>
    public async Task PutPackageAsync(string sha256, string zipFile, CancellationToken cancellationToken)
    {
        using (var asked = await SendAsync(new HttpRequestMessage(HttpMethod.Head, Api + "packages/" + sha256), cancellationToken))
        {
            if (asked.IsSuccessStatusCode)
            {
                return;
            }
        }

        var file = File.OpenRead(zipFile);
        await using var closing = file;
        using var request = new HttpRequestMessage(HttpMethod.Put, Api + "packages/" + sha256) { Content = new StreamContent(file) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        using var answer = await SendCheckedAsync(request, cancellationToken);
    }

    /// <summary>Uploads a container image.</summary>
    /// <param name="name">Name and tag.</param>
    /// <param name="write">Writes its archive.</param>
    /// <param name="cancellationToken">Stops the upload.</param>
    public async Task<ImageReply> PutImageAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Api + "images/" + Uri.EscapeDataString(name)) { Content = new StreamedContent(write) };
        using var answer = await SendCheckedAsync(request, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync(NativeJson.Default.ImageReply, cancellationToken))!;
    }

    /// <summary>All container images.</summary>
    public async Task<IReadOnlyList<ImageReply>> ImagesAsync(CancellationToken cancellationToken)
    {
        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Get, Api + "images"), cancellationToken);
        return await answer.Content.ReadFromJsonAsync(NativeJson.Default.ImageReplyArray, cancellationToken) ?? [];
    }

    /// <summary>Takes a container image's name away.</summary>
    public async Task RemoveImageAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Delete, Api + "images/" + Uri.EscapeDataString(name)), cancellationToken);
    }

    /// <summary>Whether the server has a layer version that its account may use.</summary>
    public async Task<bool> HasLayerAsync(string arn, CancellationToken cancellationToken)
    {
        using var asked = await SendAsync(new HttpRequestMessage(HttpMethod.Get, "/2018-10-31/layers?find=LayerVersion&Arn=" + Uri.EscapeDataString(arn)), cancellationToken);
        return asked.IsSuccessStatusCode;
    }

    /// <summary>Makes a service true; returns what it is now.</summary>
    public async Task<ServiceReply> PutServiceAsync(ServiceDeployment service, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Api + "services/" + Uri.EscapeDataString(service.Service))
        {
            Content = JsonContent.Create(service, NativeJson.Default.ServiceDeployment),
        };
        using var answer = await SendCheckedAsync(request, cancellationToken);
        var reply = await answer.Content.ReadFromJsonAsync(NativeJson.Default.DeployReply, cancellationToken);
        return reply!.Service;
    }

    /// <summary>Which walls stand between functions on the server's machine.</summary>
    public async Task<SandboxesReply> SandboxesAsync(CancellationToken cancellationToken)
    {
        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Get, Api + "sandboxes"), cancellationToken);
        return (await answer.Content.ReadFromJsonAsync(NativeJson.Default.SandboxesReply, cancellationToken))!;
    }

    /// <summary>All functions.</summary>
    public async Task<IReadOnlyList<FunctionReply>> ListAsync(CancellationToken cancellationToken)
    {
        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Get, Api + "functions"), cancellationToken);
        return await answer.Content.ReadFromJsonAsync(NativeJson.Default.FunctionReplyArray, cancellationToken) ?? [];
    }

    /// <summary>Everything that has times, with the next of them; or what is called so, with the next ten.</summary>
    public async Task<IReadOnlyList<ScheduleReply>> SchedulesAsync(string? name, CancellationToken cancellationToken)
    {
        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Get, Api + (name is null ? "schedules" : "schedules/" + Uri.EscapeDataString(name))), cancellationToken);
        return await answer.Content.ReadFromJsonAsync(NativeJson.Default.ScheduleReplyArray, cancellationToken) ?? [];
    }

    /// <summary>A service, with what goes with it when it is removed; <see langword="null"/> when there is none of that name.</summary>
    public async Task<ServiceReply?> FindServiceAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Get, Api + "services/" + Uri.EscapeDataString(name)), cancellationToken);
            return await answer.Content.ReadFromJsonAsync(NativeJson.Default.ServiceReply, cancellationToken);
        }
        catch (RefusedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Removes a service with its functions and routes; returns the functions' names.</summary>
    public Task<IReadOnlyList<string>> RemoveServiceAsync(string name, CancellationToken cancellationToken) => RemoveAsync("services/", name, cancellationToken);

    /// <summary>Removes one function; returns its name.</summary>
    public Task<IReadOnlyList<string>> RemoveFunctionAsync(string name, CancellationToken cancellationToken) => RemoveAsync("functions/", name, cancellationToken);

    private async Task<IReadOnlyList<string>> RemoveAsync(string kind, string name, CancellationToken cancellationToken)
    {
        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Delete, Api + kind + Uri.EscapeDataString(name)), cancellationToken);
        var reply = await answer.Content.ReadFromJsonAsync(NativeJson.Default.RemoveReply, cancellationToken);
        return reply!.Functions;
    }

    /// <summary>Runs a function and waits for its answer.</summary>
    public async Task<InvokeOutcome> InvokeAsync(FunctionRef function, byte[] payload, CancellationToken cancellationToken)
    {
        var qualifier = function.Qualifier is null ? "" : "?qualifier=" + Uri.EscapeDataString(function.Qualifier);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Api}functions/{Uri.EscapeDataString(function.Key.Name)}/invocations{qualifier}")
        {
            Content = new ByteArrayContent(payload),
        };
        using var answer = await SendCheckedAsync(request, cancellationToken);
        return new(
            await answer.Content.ReadAsByteArrayAsync(cancellationToken),
            answer.Headers.Contains(NativeHeaders.FunctionError),
            Encoding.UTF8.GetString(Convert.FromBase64String(Header(NativeHeaders.LogTail))))
        {
            DurationMs = Header(NativeHeaders.DurationMs),
            Start = Header(NativeHeaders.Start),
        };

        string Header(string name) => answer.Headers.TryGetValues(name, out var values) ? values.First() : "";
    }

    /// <summary>What functions printed, oldest first; without end when followed.</summary>
    /// <param name="function">Which; <see langword="null"/> for all.</param>
    /// <param name="since">Not older than this.</param>
    /// <param name="follow">Whether to wait for more.</param>
    /// <param name="cancellationToken">Ends following.</param>
    public async IAsyncEnumerable<LogLine> LogsAsync(string? function, DateTimeOffset? since, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new List<string>();
        if (function is not null)
        {
            query.Add("function=" + Uri.EscapeDataString(function));
        }

        if (since is { } from)
        {
            query.Add("since=" + Uri.EscapeDataString(from.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)));
        }

        if (follow)
        {
            query.Add("follow=true");
        }

        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Get, $"{Api}logs?{string.Join('&', query)}"), cancellationToken);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await ReadLineAsync(reader, cancellationToken) is { } line)
        {
            if (line.Length > 0)
            {
                yield return JsonSerializer.Deserialize(line, FunctionLogsJson.Relaxed.LogLine)!;
            }
        }
    }

    /// <summary>Events in the queue, without their payloads.</summary>
    /// <param name="dead">Those that ended without anybody to handle them, the newest first; else those that wait.</param>
    /// <param name="function">Only those of this function, or of another target by its ARN.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<EventReply>> EventsAsync(bool dead, string? function, int limit, CancellationToken cancellationToken)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"?state={(dead ? "dead" : "waiting")}&limit={limit}") + (function is null ? "" : "&function=" + Uri.EscapeDataString(function));
        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Get, Api + "events" + query), cancellationToken);
        return await answer.Content.ReadFromJsonAsync(NativeJson.Default.EventReplyArray, cancellationToken) ?? [];
    }

    /// <summary>An event with its payload.</summary>
    public async Task<EventReply> EventAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Get, Api + "events/" + Uri.EscapeDataString(id)), cancellationToken);
        return (await answer.Content.ReadFromJsonAsync(NativeJson.Default.EventReply, cancellationToken))!;
    }

    /// <summary>Lets a dead event begin anew.</summary>
    /// <param name="id">The event.</param>
    /// <param name="payload">What its target gets instead.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RedriveEventAsync(string id, byte[]? payload, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Api}events/{Uri.EscapeDataString(id)}/redrive") { Content = new ByteArrayContent(payload ?? []) };
        using var answer = await SendCheckedAsync(request, cancellationToken);
    }

    /// <summary>Lets all dead events begin anew; returns how many.</summary>
    public async Task<int> RedriveEventsAsync(string? function, CancellationToken cancellationToken)
    {
        var query = function is null ? "" : "?function=" + Uri.EscapeDataString(function);
        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Post, Api + "events/redrive" + query), cancellationToken);
        return (await answer.Content.ReadFromJsonAsync(NativeJson.Default.RedriveReply, cancellationToken))!.Redriven;
    }

    /// <summary>Removes an event.</summary>
    public async Task CancelEventAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Delete, Api + "events/" + Uri.EscapeDataString(id)), cancellationToken);
    }

    /// <summary>The ARNs of the targets whose deliveries are held up.</summary>
    public async Task<IReadOnlyList<string>> PausedAsync(CancellationToken cancellationToken)
    {
        using var answer = await SendCheckedAsync(new HttpRequestMessage(HttpMethod.Get, Api + "events/pauses"), cancellationToken);
        return await answer.Content.ReadFromJsonAsync(NativeJson.Default.StringArray, cancellationToken) ?? [];
    }

    /// <summary>Holds up the deliveries of a function or another target, or lets them go on.</summary>
    public async Task PauseAsync(string function, bool paused, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(paused ? HttpMethod.Put : HttpMethod.Delete, Api + "events/pauses/" + Uri.EscapeDataString(function));
        using var answer = await SendCheckedAsync(request, cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null; // The server went away in the middle of a stream.
        }
    }

    private async Task<HttpResponseMessage> SendCheckedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(request, cancellationToken);
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw new RefusedException(await ReadProblemAsync(answer, cancellationToken), (int)answer.StatusCode);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new NoServerException($"no server answers at {endpoint.GetLeftPart(UriPartial.Authority)}: start one with: mayfly up", e);
        }
    }

    private static async Task<string> ReadProblemAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement is { ValueKind: JsonValueKind.Object } root)
            {
                var holder = root.TryGetProperty("error", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : root;
                foreach (var name in (string[])["message", "Message"])
                {
                    if (holder.TryGetProperty(name, out var message) && message.GetString() is { } problem)
                    {
                        return problem;
                    }
                }
            }
        }
        catch (JsonException)
        {
            // Not ours: show it as it is.
        }

        return answer.StatusCode == HttpStatusCode.NotFound && text.Length == 0
            ? "not found"
            : $"the server answered {(int)answer.StatusCode}{(text.Length == 0 ? "" : ": " + text.Trim())}";
    }
}
