using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Mayfly.Server.Services;
using Mayfly.Server.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>GET logs?function=&amp;service=&amp;since=&amp;follow=</c>: log lines as JSON, one a line, oldest first.</summary>
/// <param name="logs">The logs.</param>
/// <param name="services">Which functions a service has.</param>
/// <param name="stopping">Ends those who follow, so that the server can stop.</param>
public sealed class LogsResource(FunctionLogs logs, ServiceRegistry services, CancellationToken stopping) : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes => [new("GET", "/logs", GetAsync)];

    private async Task GetAsync(HttpContext context, string none)
    {
        var query = context.Request.Query;
        var function = query["function"].ToString();
        var service = query["service"].ToString();
        DateTimeOffset? since = null;
        if (query["since"].ToString() is { Length: > 0 } text)
        {
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            {
                await NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "InvalidSince", $"since '{text}' is not a time such as 2026-01-31T08:00:00Z.");
                return;
            }

            since = parsed;
        }

        if (service.Length > 0 && services.Find(service) is null)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status404NotFound, "ServiceNotFound", $"No service is named '{service}'.");
            return;
        }

        // A removed function's log is still there to be read.
        var follow = query["follow"].ToString() is "true" or "1";
        var lines = logs.ReadAsync(new() { Functions = function.Length > 0 ? [function] : null, Predicate = Filter(service), Since = since, Follow = follow }, CancellationToken.None);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = "application/x-ndjson";
        await context.Response.StartAsync(end.Token);
        await context.Response.Body.FlushAsync(end.Token);
        try
        {
            await WriteAsync(context, lines, end.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The stream ends where it is.
        }
    }

    private static async Task WriteAsync(HttpContext context, IAsyncEnumerable<LogLine> lines, CancellationToken cancellationToken)
    {
        // Flushed whenever the next line is not there yet, so that a backlog goes out in large pieces and a new line at once.
        await using var reader = lines.GetAsyncEnumerator(cancellationToken);
        var output = context.Response.BodyWriter;
        while (true)
        {
            var next = reader.MoveNextAsync();
            if (!next.IsCompleted)
            {
                await output.FlushAsync(cancellationToken);
            }

            if (!await next)
            {
                break;
            }

            using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = FunctionLogsJson.Relaxed.Options.Encoder }))
            {
                JsonSerializer.Serialize(json, reader.Current, FunctionLogsJson.Relaxed.LogLine);
            }

            output.Write("\n"u8);
            if (output.UnflushedBytes > 64 * 1024)
            {
                await output.FlushAsync(cancellationToken);
            }
        }

        await output.FlushAsync(cancellationToken);
    }

    // Asked anew for each line: a deployment may add functions while somebody follows.
    private Func<string, bool>? Filter(string service) =>
        service.Length > 0 ? name => services.Find(service)?.Record.Functions.Contains(name) == true : null;
}
