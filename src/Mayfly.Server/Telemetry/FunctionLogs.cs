using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Telemetry;

/// <summary>
/// What functions print: kept in one file a function, capped and rotated, and handed live to those who follow.
/// <see cref="Append(LogLine)"/> never waits; one background loop does all the writing.
/// </summary>
public sealed partial class FunctionLogs : IAsyncDisposable
{
    private const int MaxText = 64 * 1024;
    private const int MaxOpenFiles = 64;

    /// <summary>What a line costs beside its text, and a record of the platform with it.</summary>
    private const int RecordCost = 128;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    private readonly string _folder;
    private readonly long _fileLimit;
    private readonly ILogger<FunctionLogs> _logger;
    private readonly Channel<object> _queue = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<(string Region, string Function), FunctionLogsBacklog> _backlogs = new();
    private readonly Dictionary<string, FunctionLogsFile> _files = new(StringComparer.Ordinal);
    private readonly HashSet<FunctionLogsFile> _unflushed = [];
    private readonly List<FunctionLogsSubscription> _subscriptions = [];
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = FunctionLogsJson.Relaxed.Options.Encoder });
    private readonly Task _loop;
    private long _uses;

    /// <summary>Starts the writer.</summary>
    /// <param name="folder">The folder of all logs, made when it is absent.</param>
    /// <param name="logger">Told when a log cannot be written.</param>
    /// <param name="fileLimit">Bytes of one file; each function keeps at most two.</param>
    public FunctionLogs(string folder, ILogger<FunctionLogs> logger, long fileLimit = 10 * 1024 * 1024)
    {
        _folder = folder;
        _logger = logger;
        _fileLimit = fileLimit;
        _loop = WriteAllAsync();
    }

    /// <summary>Adds a line. When the function has too much waiting, the line is dropped and the loss is noted in its log.</summary>
    public void Append(LogLine line)
    {
        var kept = line.Text.Length > MaxText ? line with { Text = string.Concat(line.Text.AsSpan(0, MaxText), " [mayfly] … cut at 64 Ki characters") } : line;
        if (BacklogOf(line.Region, line.Function).TryTake(CostOf(kept), out var dropped))
        {
            Note(dropped, kept);
            _queue.Writer.TryWrite(kept);
        }
    }

    /// <summary>Whose records come from an instance: looked up once, since they come with every invocation.</summary>
    internal LogSource SourceOf(string region, string function, string instance) => new(function, region, instance, BacklogOf(region, function));

    /// <summary>Adds what the platform says, in words that are put together when they are written.</summary>
    internal void Append(LogSource source, DateTimeOffset time, PlatformRecord record, bool isJson)
    {
        if (source.Backlog.TryTake(RecordCost, out var dropped))
        {
            Note(dropped, source.Line(time, ""));
            _queue.Writer.TryWrite(new PlatformLine(source, time, record, isJson));
        }
    }

    /// <summary>Reads what is kept, functions merged by time, and then, if asked, what comes. Every line appended before the call is there once.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync(FunctionLogsQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var subscription = new FunctionLogsSubscription(query);
        if (!_queue.Writer.TryWrite(subscription))
        {
            yield break;
        }

        try
        {
            var files = await subscription.Joined.Task.WaitAsync(cancellationToken);
            foreach (var line in FunctionLogsMerge.ByTime(files.Where(file => MayHold(file.Path, query)).Select(file => FunctionLogsFile.Read(file.Path, file.Length))).Where(query.Wants))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return line;
            }

            if (query.Follow)
            {
                await foreach (var line in subscription.ReadAsync(cancellationToken))
                {
                    yield return line;
                }
            }
        }
        finally
        {
            _queue.Writer.TryWrite(new Leave(subscription));
        }
    }

    /// <summary>Writes what is waiting and closes the files. Followers get their last lines and an end.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private void Note(int dropped, LogLine at)
    {
        if (dropped > 0)
        {
            _queue.Writer.TryWrite(new Loss(at with { Text = $"[mayfly] {dropped} lines were dropped here: the function printed faster than its log is written" }));
        }
    }

    private FunctionLogsBacklog BacklogOf(string region, string function) =>
        _backlogs.GetOrAdd((region, function), static (key, folder) => new(FunctionLogsFile.PathOf(folder, key.Region, key.Function)), _folder);

    private static int CostOf(LogLine line) => line.Text.Length + RecordCost;

    private async Task WriteAllAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            // Lines come in flocks: one wait and one write for many of them.
            await Task.Delay(Gathering);
            while (_queue.Reader.TryRead(out var item))
            {
                Handle(item);
            }

            Flush();
        }

        foreach (var file in _files.Values)
        {
            file.Dispose();
        }

        _subscriptions.ForEach(static subscription => subscription.Complete());
    }

    private void Handle(object item)
    {
        switch (item)
        {
            case LogLine line:
                var backlog = BacklogOf(line.Region, line.Function);
                backlog.Release(CostOf(line));
                Write(backlog, line);
                break;
            case PlatformLine platform:
                platform.Source.Backlog.Release(RecordCost);
                Write(platform.Source.Backlog, platform.Source.Line(platform.Time, platform.Record.ToLine(platform.IsJson)));
                break;
            case Loss loss:
                Write(BacklogOf(loss.Note.Region, loss.Note.Function), loss.Note);
                break;
            case FunctionLogsSubscription subscription:
                Flush();
                _subscriptions.Add(subscription);
                subscription.Joined.TrySetResult(Existing());
                break;
            case Leave leave:
                _subscriptions.Remove(leave.Subscription);
                break;
        }
    }

    private void Write(FunctionLogsBacklog backlog, LogLine line)
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Offer(line);
        }

        try
        {
            _buffer.ResetWrittenCount();
            _json.Reset(_buffer);
            JsonSerializer.Serialize(_json, line, FunctionLogsJson.Relaxed.LogLine);
            _json.Flush();
            _buffer.Write("\n"u8);
            var file = FileAt(backlog.Path);
            file.Write(_buffer.WrittenSpan, ++_uses);
            _unflushed.Add(file);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // A full disk must not stop functions: the line still reaches those who follow.
            Log.NotWritten(_logger, failed, line.Function);
        }
    }

    private FunctionLogsFile FileAt(string path)
    {
        if (_files.TryGetValue(path, out var file))
        {
            return file;
        }

        if (_files.Count >= MaxOpenFiles)
        {
            var (coldest, closed) = _files.MinBy(static pair => pair.Value.LastUse);
            _unflushed.Remove(closed);
            _files.Remove(coldest);
            closed.Dispose();
        }

        return _files[path] = new FunctionLogsFile(path, _fileLimit);
    }

    private void Flush()
    {
        foreach (var file in _unflushed)
        {
            try
            {
                file.Flush();
            }
            catch (IOException failed)
            {
                Log.NotWritten(_logger, failed, "");
            }
        }

        _unflushed.Clear();
    }

    private List<(string Path, long Length)> Existing() =>
        Directory.Exists(_folder)
            ? [.. Directory.EnumerateFiles(_folder, "*.log", SearchOption.AllDirectories).Select(static path => (path, FunctionLogsFile.Length(path)))]
            : [];

    private static bool MayHold(string path, FunctionLogsQuery query)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return (query.WantsFunction(name) || name.StartsWith("x.", StringComparison.Ordinal))
            && (query.Since is null || File.GetLastWriteTimeUtc(path) >= query.Since.Value.UtcDateTime);
    }

    private sealed record Leave(FunctionLogsSubscription Subscription);

    private sealed record Loss(LogLine Note);

    private sealed record PlatformLine(LogSource Source, DateTimeOffset Time, PlatformRecord Record, bool IsJson);

    private static partial class Log
    {
        [LoggerMessage(8100, LogLevel.Warning, "The log of function {Function} could not be written")]
        public static partial void NotWritten(ILogger logger, Exception exception, string function);
    }
}
