using System.Collections.Immutable;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.EventSources;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>CreateEventSourceMapping, GetEventSourceMapping, ListEventSourceMappings, UpdateEventSourceMapping, DeleteEventSourceMapping, and the tags of mappings.</summary>
internal sealed class EventSourceMappingsResource(LambdaSources sources, FunctionTable table, TimeProvider time)
{
    private const int PageLimit = 100;

    private readonly MappingChecks _checks = new(sources.Queues, sources.Brokers);

    public async Task CreateAsync(LambdaCall call)
    {
        var request = await call.ReadAsync(LambdaJson.Default.EventSourceMappingRequest);
        if (request.SelfManagedEventSource is not null)
        {
            throw LambdaException.NotServed("SelfManagedEventSource");
        }

        var source = request.EventSourceArn ?? throw LambdaException.InvalidParameter("EventSourceArn is required.");
        var function = call.Function(request.FunctionName!);
        _checks.CheckSource(source, call.Scope);
        FunctionChecks.CheckTags(request.Tags ?? ImmutableDictionary<string, string>.Empty);
        var isBroker = EventSourceMapping.IsBrokerArn(source);
        MappingChecks.CheckMembers(request, isBroker);
        var mapping = MappingChecks.Merge(
            new()
            {
                Uuid = Guid.NewGuid().ToString(),
                SourceArn = source,
                FunctionArn = function.Arn,
                BatchSize = isBroker ? 100 : 10,
                Tags = (request.Tags ?? ImmutableDictionary<string, string>.Empty).ToImmutableSortedDictionary(StringComparer.Ordinal),
                LastModified = time.GetUtcNow(),
            },
            request);
        await sources.Mappings.ApplyAsync(
            current =>
            {
                _checks.Check(mapping, table.Existing(function));
                CheckUnique(current, mapping);
                return new() { Put = [mapping] };
            },
            call.Aborted);
        await AnswerAsync(call, 202, new(mapping, MappingState.Creating, null));
    }

    public Task GetAsync(LambdaCall call) => AnswerAsync(call, 200, Existing(call, call.Path[2]));

    public async Task UpdateAsync(LambdaCall call)
    {
        var request = await call.ReadAsync(LambdaJson.Default.EventSourceMappingRequest);
        EventSourceMapping? before = null, after = null;
        await sources.Mappings.ApplyAsync(
            current =>
            {
                before = Still(call).Mapping;
                MappingChecks.CheckMembers(request, before.IsBroker);
                var function = request.FunctionName is { } name ? call.Function(name) : before.Function;
                after = MappingChecks.Merge(before, request) with { FunctionArn = function.Arn, LastModified = time.GetUtcNow() };
                _checks.Check(after, table.Existing(function));
                CheckUnique(current, after);
                return new() { Put = [after] };
            },
            call.Aborted);
        await AnswerAsync(call, 202, new(after!, MappingState.Between(before, after), sources.Runners.Find(after!.Uuid)?.LastResult));
    }

    public async Task DeleteAsync(LambdaCall call)
    {
        MappingStatus? before = null;
        await sources.Mappings.ApplyAsync(
            _ =>
            {
                before = Still(call);
                return new() { Remove = [before.Mapping.Uuid] };
            },
            call.Aborted);
        await AnswerAsync(call, 202, before! with { State = MappingState.Deleting });
    }

    public Task ListAsync(LambdaCall call)
    {
        var source = call.Query("EventSourceArn");
        FunctionRef? function = call.Query("FunctionName") is { Length: > 0 } name ? call.Function(name) : null;
        var all = sources.Mappings.Current.All
            .Where(mapping => IsOf(call, mapping)
                && (string.IsNullOrEmpty(source) || mapping.SourceArn == source)
                && (function is not { } wanted || (mapping.Function.Key == wanted.Key && (wanted.Qualifier is null || mapping.Function.Qualifier == wanted.Qualifier))))
            .ToList();
        var page = Paging.Page(call, all, static mapping => mapping.Uuid, PageLimit, out var next);
        return call.AnswerAsync(200, new(next, [.. page.Select(mapping => Answer(StatusOf(mapping)))]), LambdaJson.Default.ListEventSourceMappingsAnswer);
    }

    /// <summary>Whether an ARN is one of a mapping.</summary>
    public static bool Owns(string arn) => arn.Contains(":event-source-mapping:", StringComparison.Ordinal);

    public Task ListTagsAsync(LambdaCall call) => call.AnswerAsync(200, new(Tagged(call).Tags), LambdaJson.Default.TagsJson);

    /// <summary>Changes the tags of the mapping that the path names. It goes on reading meanwhile.</summary>
    public async Task ChangeTagsAsync(LambdaCall call, Func<ImmutableSortedDictionary<string, string>, ImmutableSortedDictionary<string, string>> change)
    {
        await sources.Mappings.ApplyAsync(
            _ =>
            {
                var mapping = Tagged(call);
                var tags = change(mapping.Tags);
                FunctionChecks.CheckTags(tags);
                return new() { Put = [mapping with { Tags = tags }] };
            },
            call.Aborted);
        await call.NothingAsync();
    }

    private static bool IsOf(LambdaCall call, EventSourceMapping mapping) => mapping.Function.Key is var key && (key.Account, key.Region) == (call.Scope.Account, call.Scope.Region);

    private static LambdaException NotFound() => new(404, "ResourceNotFoundException", "The resource you requested does not exist.");

    private static void CheckUnique(MappingSnapshot current, EventSourceMapping mapping)
    {
        if (current.Same(mapping) is not { } same)
        {
            return;
        }

        var function = mapping.Function;
        var name = function.Qualifier is null ? function.Key.Name : $"{function.Key.Name}:{function.Qualifier}";
        throw LambdaException.Conflict(
            $"An event source mapping with {(mapping.IsBroker ? "MQ" : "SQS")} arn (\" {mapping.SourceArn} \") and function (\" {name} \") already exists. Please update or delete the existing mapping with UUID {same.Uuid}");
    }

    private static Task AnswerAsync(LambdaCall call, int status, MappingStatus mapping) => call.AnswerAsync(status, Answer(mapping), LambdaJson.Default.EventSourceMappingJson);

    private static EventSourceMappingJson Answer(MappingStatus status)
    {
        var mapping = status.Mapping;
        return new()
        {
            UUID = mapping.Uuid,
            BatchSize = mapping.BatchSize,
            MaximumBatchingWindowInSeconds = mapping.WindowSeconds,
            EventSourceArn = mapping.SourceArn,
            FilterCriteria = mapping.Filters.IsEmpty ? null : new([.. mapping.Filters.Select(static pattern => new FilterJson(pattern))]),
            FunctionArn = mapping.FunctionArn,
            LastModified = mapping.LastModified.ToUnixTimeMilliseconds() / 1000.0,
            LastProcessingResult = mapping.IsBroker ? status.LastResult ?? "No records processed" : status.LastResult is "OK" ? null : status.LastResult,
            State = status.State,
            StateTransitionReason = "USER_INITIATED",
            Queues = mapping.Queue is { } queue ? [queue] : null,
            SourceAccessConfigurations = mapping.IsBroker ? MappingChecks.Access(mapping) : null,
            FunctionResponseTypes = mapping.IsBroker ? null : mapping.ReportsFailures ? ["ReportBatchItemFailures"] : [],
            ScalingConfig = mapping.MaximumConcurrency is { } most ? new(most) : null,
            KMSKeyArn = mapping.KmsKeyArn,
            EventSourceMappingArn = mapping.Arn,
            MetricsConfig = mapping.Metrics.IsEmpty ? null : new(mapping.Metrics),
        };
    }

    private MappingStatus StatusOf(EventSourceMapping mapping) => sources.Runners.Find(mapping.Uuid) ?? new(mapping, MappingState.Settled(mapping), null);

    private MappingStatus Existing(LambdaCall call, string uuid)
    {
        var status = sources.Runners.Find(uuid) ?? (sources.Mappings.Current.Find(uuid) is { } mapping ? StatusOf(mapping) : throw NotFound());
        return IsOf(call, status.Mapping) ? status : throw NotFound();
    }

    // A mapping that may be changed now.
    private MappingStatus Still(LambdaCall call)
    {
        var status = Existing(call, call.Path[2]);
        return MappingState.IsMoving(status.State)
            ? throw new LambdaException(400, "ResourceInUseException", "Cannot update the event source mapping because it is in use.")
            : status;
    }

    private EventSourceMapping Tagged(LambdaCall call)
    {
        var mapping = sources.Mappings.Current.Find(call.Path[2].Split(':')[^1]);
        return mapping is not null && mapping.Arn == call.Path[2] && IsOf(call, mapping) ? mapping : throw NotFound();
    }
}
