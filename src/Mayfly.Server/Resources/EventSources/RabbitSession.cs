using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>
/// One connection to a broker with one channel that consumes one queue. It does not mend itself: when anything ends it, what was
/// delivered on it and not acknowledged is the broker's again, and its reader ends.
/// </summary>
internal sealed class RabbitSession : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Channel<RabbitMessage> _delivered = Channel.CreateUnbounded<RabbitMessage>(new() { SingleReader = true });
    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private RabbitSession(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    /// <summary>What comes, in order. It ends when the session does. At most as many as were asked for at once are in it.</summary>
    public ChannelReader<RabbitMessage> Reader => _delivered.Reader;

    /// <summary>Why the session ended.</summary>
    public string? End { get; private set; }

    /// <summary>Connects and begins to consume.</summary>
    /// <param name="url">Where, as whom.</param>
    /// <param name="virtualHost">In place of the URL's.</param>
    /// <param name="queue">What; it must be there.</param>
    /// <param name="prefetch">Most that is delivered and not yet acknowledged.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SourceException">It cannot be had.</exception>
    public static async Task<RabbitSession> OpenAsync(string url, string virtualHost, string queue, ushort prefetch, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = new(url),
            VirtualHost = virtualHost,

            // Delivery tags mean nothing on another channel, so a lost connection is the end of everything on it.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedConnectionTimeout = Limit,
            ContinuationTimeout = Limit,
            ClientProvidedName = "mayfly",
        };
        IConnection? connection = null;
        try
        {
            connection = await factory.CreateConnectionAsync(cancellationToken);
            var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            var session = new RabbitSession(connection, channel);
            await session.ConsumeAsync(queue, prefetch, cancellationToken);
            return session;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            await CloseAsync(connection);
            throw new SourceException($"PROBLEM: {Words(e, queue)}");
        }
        catch
        {
            await CloseAsync(connection);
            throw;
        }
    }

    /// <summary>All up to this one are done with.</summary>
    public ValueTask AcknowledgeAsync(ulong tag, bool multiple) => _channel.BasicAckAsync(tag, multiple);

    /// <summary>Gives back: one, or all up to this one that are not done with.</summary>
    /// <param name="tag">Which.</param>
    /// <param name="multiple">Whether those before it too.</param>
    /// <param name="again">Whether the broker shall deliver it again; if not, its dead-letter exchange gets it, where the queue has one.</param>
    public ValueTask ReturnAsync(ulong tag, bool multiple, bool again) => _channel.BasicNackAsync(tag, multiple, again);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => CloseAsync(_connection);

    private async Task ConsumeAsync(string queue, ushort prefetch, CancellationToken cancellationToken)
    {
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            // The body is the client's own buffer, and good until this returns.
            _delivered.Writer.TryWrite(new(delivery.DeliveryTag, delivery.Body.ToArray(), RabbitRecordJson.Write(delivery.BasicProperties, delivery.Redelivered, delivery.Body.Span)));
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, _) => EndAsync($"The queue '{queue}' was deleted.");
        _channel.ChannelShutdownAsync += (_, shutdown) => EndAsync(shutdown.ReplyText);
        await _channel.BasicQosAsync(0, prefetch, global: false, cancellationToken);
        await _channel.QueueDeclarePassiveAsync(queue, cancellationToken);
        await _channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
    }

    private Task EndAsync(string why)
    {
        End ??= why;
        _delivered.Writer.TryComplete();
        return Task.CompletedTask;
    }

    private static async ValueTask CloseAsync(IConnection? connection)
    {
        if (connection is null)
        {
            return;
        }

        try
        {
            await connection.CloseAsync(200, "", TimeSpan.FromSeconds(1), abort: true, CancellationToken.None);
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }

    private static string Words(Exception e, string queue) => e switch
    {
        OperationInterruptedException { ShutdownReason.ReplyCode: 404 } => $"The queue '{queue}' does not exist.",
        OperationInterruptedException interrupted => interrupted.ShutdownReason?.ReplyText ?? interrupted.Message,
        BrokerUnreachableException { InnerException: { } inner } => $"The broker cannot be reached: {inner.Message}",
        _ => e.Message,
    };
}
