using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using VoiceWorker.Client.Connecting;
using VoiceWorker.Contracts;

namespace VoiceWorker.Client.Audit;

/// <summary>One connection to a consumer's queue, from its opening to its end.</summary>
internal sealed class AuditQueue(Node node, AuditConsumerOptions options, ILogger logger) : IAsyncDisposable
{
    /// <summary>How many batches are on their way while one is handled.</summary>
    public const int Ahead = 5;

    // A quorum queue is declared on several nodes.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    // Nothing is dropped, however often the process is killed, and where a policy limits the queue the worker waits.
    // One consumer at a time: in order, also while RabbitMQ has not noticed that the connection before this one is
    // dead.
    private static readonly Dictionary<string, object?> Arguments = new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = int.MaxValue,
        ["x-overflow"] = "reject-publish",
        ["x-single-active-consumer"] = true,
    };

    private readonly Opening _opening = new(node, logger, Patience);
    private readonly Channel<Delivery> _deliveries = Channel.CreateUnbounded<Delivery>();
    private IChannel? _channel;

    public bool WasOpen { get; private set; }

    public bool IsOpen => WasOpen && _channel is { IsOpen: true } && !_deliveries.Reader.Completion.IsCompleted;

    public async Task<(IChannel Channel, ChannelReader<Delivery> Deliveries)> OpenAsync(CancellationToken stop)
    {
        var connection = await _opening.OpenAsync(stop).ConfigureAwait(false);
        _channel = await _opening.WithinAsync(ConsumeAsync(connection, stop), stop).ConfigureAwait(false);
        _opening.End();
        WasOpen = true;
        return (_channel, _deliveries.Reader);
    }

    /// <summary>A node that does not answer is not waited for: another one may be there.</summary>
    public async ValueTask DisposeAsync() =>
        await Task.WhenAny(_opening.DisposeAsync().AsTask(), Task.Delay(Goodbye)).ConfigureAwait(false);

    private async Task<IChannel> ConsumeAsync(IConnection connection, CancellationToken stop)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: stop).ConfigureAwait(false);
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            _deliveries.Writer.TryComplete(new IOException($"{reason.ReplyCode} {reason.ReplyText}"));
            return Task.CompletedTask;
        };
        if (options.DeclaresQueue)
        {
            await channel.ExchangeDeclareAsync(
                Exchanges.VoiceAudit, ExchangeType.Fanout, durable: true, cancellationToken: stop)
                .ConfigureAwait(false);
            await channel.QueueDeclareAsync(
                options.Queue, durable: true, exclusive: false, autoDelete: false, Arguments, cancellationToken: stop)
                .ConfigureAwait(false);
            await channel.QueueBindAsync(options.Queue, Exchanges.VoiceAudit, "", cancellationToken: stop)
                .ConfigureAwait(false);
        }

        await channel.BasicQosAsync(0, (ushort)(Ahead * options.Batch), global: false, stop).ConfigureAwait(false);
        await channel.BasicConsumeAsync(
            options.Queue, autoAck: false, new DeliveryConsumer(channel, _deliveries.Writer), stop)
            .ConfigureAwait(false);
        return channel;
    }
}
