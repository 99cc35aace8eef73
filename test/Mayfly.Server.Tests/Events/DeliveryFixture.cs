using System.Collections.Concurrent;
using System.Text;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Storage;
using Mayfly.Server.Tests.Functions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Events;

/// <summary>The queue and its delivery over a real store; the invoker is the test's. Reopened on the same folder it is a restart.</summary>
internal sealed class DeliveryFixture : IAsyncDisposable
{
    private readonly Database _database;
    private readonly FunctionRegistry _registry;
    private readonly Delivery _delivery;

    public DeliveryFixture(string folder, VirtualTime time, int most = 8)
    {
        Time = time;
        _database = Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance);
        _registry = new(_database);
        _delivery = new(_database, _registry.Table, (request, _) => RunAsync(request), most, time, NullLogger<Delivery>.Instance);
        Queue = new(_database, _registry.Table, _delivery, time);
        Control = new(_database, _delivery, time);
    }

    public VirtualTime Time { get; }

    public EventQueue Queue { get; }

    public EventControl Control { get; }

    public FunctionTable Table => _registry.Table;

    public ConcurrentQueue<InvocationRequest> Ran { get; } = new();

    public Func<InvocationRequest, ValueTask<InvocationResult>> Answer { get; set; } = request => new(Succeeded(request));

    public IReadOnlyList<EventSummary> Dead => Queue.List(dead: true, 100_000);

    public IReadOnlyList<EventSummary> Waiting => Queue.List(dead: false, 100_000);

    public static InvocationResult Succeeded(InvocationRequest request, string payload = "null") =>
        new() { RequestId = request.RequestId, ExecutedVersion = "$LATEST", Payload = Encoding.UTF8.GetBytes(payload) };

    public static InvocationResult Failed(InvocationRequest request, InvocationErrorKind kind = InvocationErrorKind.Unhandled) => new()
    {
        RequestId = request.RequestId,
        Error = new(kind, "Boom", "it broke"),
        ExecutedVersion = kind == InvocationErrorKind.Unhandled ? "$LATEST" : null,
        Payload = """{"errorType":"Boom"}"""u8.ToArray(),
    };

    public async Task<FunctionKey> PutAsync(string name, AsyncSettings? settings = null, Func<Function, Function>? change = null)
    {
        var function = FunctionRegistryTests.Make(name);
        function = function.With(null, function.For(null) with { Async = settings });
        function = change is null ? function : change(function);
        await _registry.ChangeAsync(function.Key, _ => function, default);
        return function.Key;
    }

    public Task RemoveAsync(FunctionKey key) => _registry.ChangeAsync(key, _ => null, default);

    public async Task<string> SendAsync(FunctionKey key, string payload = "{}", string? trace = null, string? qualifier = null)
    {
        var request = new InvocationRequest { Function = new(key, qualifier), Payload = Encoding.UTF8.GetBytes(payload), TraceId = trace };
        (await Queue.AcceptAsync(request, default)).ShouldBeNull();
        return request.RequestId;
    }

    public void Start(params IReadOnlyList<IEventTarget> targets) => _delivery.Start(targets);

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (var begun = Environment.TickCount64; !condition();)
        {
            (Environment.TickCount64 - begun).ShouldBeLessThan(60_000, what);
            await Task.Delay(5);
        }
    }

    /// <summary>Moves the clock step by step until something is so.</summary>
    /// <returns>How much time went by on it.</returns>
    public async Task<TimeSpan> AdvanceUntilAsync(Func<bool> condition, TimeSpan step, string what)
    {
        var before = Time.GetUtcNow();
        for (var begun = Environment.TickCount64; !condition();)
        {
            (Environment.TickCount64 - begun).ShouldBeLessThan(60_000, what);
            await Task.Delay(10);
            if (!condition())
            {
                Time.Advance(step);
            }
        }

        return Time.GetUtcNow() - before;
    }

    public async ValueTask DisposeAsync()
    {
        await _delivery.StopAsync();
        await _delivery.DrainAsync(TimeSpan.Zero);
        Control.Dispose();
        _delivery.Dispose();
        _registry.Dispose();
        _database.Dispose();
    }

    private async ValueTask<InvocationResult> RunAsync(InvocationRequest request)
    {
        Ran.Enqueue(request);
        return await Answer(request);
    }
}
