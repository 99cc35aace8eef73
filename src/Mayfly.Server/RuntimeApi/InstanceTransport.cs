using System.Net;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.RuntimeApi;

/// <summary>
/// Feeds the connections of all instances to Kestrel, each marked with its instance or with the function that calls, so that one
/// pipeline serves any number of listeners, also such that live in another network namespace.
/// </summary>
/// <param name="connections">Where they come from.</param>
public sealed class InstanceTransport(RuntimeApiConnections connections) : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    private readonly SocketConnectionContextFactory _contexts = new(new() { UnsafePreferInlineScheduling = true, WaitForDataBeforeAllocatingBuffer = false }, NullLogger.Instance);
    private readonly CancellationTokenSource _unbound = new();

    /// <summary>The key of the instance among a connection's items.</summary>
    internal static readonly object InstanceKey = new();

    /// <inheritdoc />
    public EndPoint EndPoint { get; private set; } = new InstanceEndPoint();

    /// <inheritdoc />
    public bool CanBind(EndPoint endpoint) => endpoint is InstanceEndPoint;

    /// <inheritdoc />
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        EndPoint = endpoint;
        return new(this);
    }

    /// <inheritdoc />
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            var accepted = await connections.Accepted.ReadAsync(_unbound.Token);
            var context = _contexts.Create(accepted.Socket);
            if (accepted.Instance is { } instance)
            {
                context.Items[InstanceKey] = instance;
            }

            context.Features.Set(accepted.Caller);
            return context;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default) => await _unbound.CancelAsync();

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _contexts.Dispose();
        return ValueTask.CompletedTask;
    }
}
