using System.Threading.Channels;

namespace Mayfly.Server.Invocation;

/// <summary>
/// The server's side of a program that speaks the AWS Lambda Runtime API: a parked <c>next</c> call is an idle slot.
/// The HTTP endpoints in <c>RuntimeApi</c> call it; which channel a request belongs to is told by its connection.
/// </summary>
public sealed class RuntimeApiChannel : IInvocationChannel
{
    // The parked call goes on where the invocation is handed over: it only writes to its connection.
    private readonly Channel<ActiveInvocation> _handed = Channel.CreateUnbounded<ActiveInvocation>(new() { AllowSynchronousContinuations = true });
    private readonly Lock _gate = new();
    private readonly Stack<int> _parkable = new();
    private readonly Dictionary<string, Exchange> _running = new(StringComparer.Ordinal);
    private Instance? _instance;
    private int _abandoned;

    private sealed record Exchange(int Slot)
    {
        public bool Answered { get; set; }

        public bool Streams { get; set; }
    }

    /// <summary>The instance that it talks to.</summary>
    public Instance Instance => _instance ?? throw new InvalidOperationException("The channel has not begun.");

    /// <inheritdoc />
    public void Begin(Instance instance)
    {
        _instance = instance;
        for (var slot = instance.SlotCount; slot >= 1; slot--)
        {
            _parkable.Push(slot);
        }
    }

    /// <inheritdoc />
    public void Send(int slot, ActiveInvocation invocation)
    {
        lock (_gate)
        {
            _running[invocation.RequestId] = new(slot);
        }

        _handed.Writer.TryWrite(invocation);
    }

    /// <summary>A <c>next</c> call: parks a slot and waits for the invocation that is handed over on it.</summary>
    /// <returns><see langword="null"/> when all slots are in use, so that the call is out of order.</returns>
    public async ValueTask<ActiveInvocation?> NextAsync(CancellationToken cancellationToken)
    {
        var slot = 0;
        lock (_gate)
        {
            // What was answered on a slot is forgotten when the slot is parked again.
            foreach (var (id, exchange) in _running)
            {
                if (exchange.Answered)
                {
                    _running.Remove(id);
                    _parkable.Push(exchange.Slot);
                }
            }

            // A program whose connection broke while it waited waits again: its slot is parked already.
            if (_abandoned > 0)
            {
                _abandoned--;
            }
            else if (!_parkable.TryPop(out slot))
            {
                return null;
            }
        }

        if (slot > 0)
        {
            Instance.OnParked(slot);
        }

        try
        {
            return await _handed.Reader.ReadAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _abandoned++;
            }

            throw;
        }
    }

    /// <summary>A streamed answer begins for a request id.</summary>
    /// <param name="requestId">The invocation's id.</param>
    /// <param name="contentType">What the bytes are; empty when the program does not say.</param>
    /// <param name="verdict">Whether it is taken.</param>
    /// <returns>Where the bytes go; its end is reported with <see cref="Answer"/>.</returns>
    public ResponseStream? Stream(string requestId, string contentType, out RuntimeApiVerdict verdict)
    {
        int slot;
        lock (_gate)
        {
            verdict = Check(requestId);
            if (verdict != RuntimeApiVerdict.Accepted)
            {
                return null;
            }

            var exchange = _running[requestId];
            exchange.Streams = true;
            slot = exchange.Slot;
        }

        var stream = Instance.OnStream(slot, contentType, null);
        verdict = stream is null ? RuntimeApiVerdict.UnknownRequest : RuntimeApiVerdict.Accepted;
        return stream;
    }

    /// <summary>An answer for a request id.</summary>
    public RuntimeApiVerdict Answer(string requestId, in Answer answer)
    {
        int slot;
        lock (_gate)
        {
            if (!_running.TryGetValue(requestId, out var exchange))
            {
                return RuntimeApiVerdict.UnknownRequest;
            }

            if (exchange.Answered)
            {
                return RuntimeApiVerdict.InvalidTransition;
            }

            exchange.Answered = true;
            slot = exchange.Slot;
        }

        return Instance.OnAnswer(slot, answer) ? RuntimeApiVerdict.Accepted : RuntimeApiVerdict.UnknownRequest;
    }

    /// <summary>Whether an answer for this request id would be taken, asked before its body is read.</summary>
    public RuntimeApiVerdict Check(string requestId)
    {
        lock (_gate)
        {
            return !_running.TryGetValue(requestId, out var exchange) ? RuntimeApiVerdict.UnknownRequest
                : exchange.Answered || exchange.Streams ? RuntimeApiVerdict.InvalidTransition
                : RuntimeApiVerdict.Accepted;
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _handed.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }
}
