using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using VoiceWorker.Client.Connecting;

namespace VoiceWorker.Client.Audit;

/// <summary>Does something with an audit event, which comes once. When it throws, all of its transaction is rolled back
/// and the events come again: an event is never left out.</summary>
/// <typeparam name="TTransaction">Of the ledger.</typeparam>
/// <param name="received">The event.</param>
/// <param name="transaction">What is written with it is committed together with the note that the event was
/// handled.</param>
/// <param name="cancellationToken">The consumer is to stop: what is not committed comes again.</param>
public delegate Task AuditHandler<in TTransaction>(
    ReceivedEvent received, TTransaction transaction, CancellationToken cancellationToken);

/// <summary>Has a handler do something with every audit event, each once, and keeps what is missing. It commits, then
/// acknowledges, so that it may be killed at any time.</summary>
/// <typeparam name="TTransaction">Of the ledger.</typeparam>
public sealed class AuditConsumer<TTransaction>
    where TTransaction : IAuditTransaction
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly AuditConsumerOptions _options;
    private readonly IAuditLedger<TTransaction> _ledger;
    private readonly AuditHandler<TTransaction> _handler;
    private readonly ILogger _logger;
    private readonly Node[] _nodes;
    private TimeSpan _pause;

    /// <summary>Nothing happens before <see cref="RunAsync"/>.</summary>
    /// <param name="options">Where RabbitMQ is, and which queue.</param>
    /// <param name="ledger">Which events have been handled; one for each queue.</param>
    /// <param name="handler">Gets each new event.</param>
    /// <param name="loggerFactory">Where it logs: the category is <c>VoiceWorker.Client.Audit</c>.</param>
    /// <exception cref="ArgumentException">A setting is wrong.</exception>
    public AuditConsumer(
        AuditConsumerOptions options, IAuditLedger<TTransaction> ledger, AuditHandler<TTransaction> handler,
        ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentException.ThrowIfNullOrEmpty(options.Queue);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Batch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Batch, ushort.MaxValue / AuditQueue.Ahead);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Pause, TimeSpan.Zero);
        (_options, _ledger, _handler) = (options, ledger, handler);
        _nodes = Node.Of(options.Uris, options.ConfigureConnection);
        _logger = CarefulLogger.Of(loggerFactory, "VoiceWorker.Client.Audit");
        _pause = options.Pause;
    }

    /// <summary>Consumes until the token ends it, and returns then; what fails is logged and tried again.</summary>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        for (var attempt = 1; !stop.IsCancellationRequested; attempt++)
        {
            var isConnected = await TryAsync(_nodes[(attempt - 1) % _nodes.Length], stop).ConfigureAwait(false);
            // Another node may be there.
            if (stop.IsCancellationRequested || (!isConnected && attempt % _nodes.Length != 0))
                continue;
            await Task.Delay(_pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
    }

    // Until it fails; whether it had been connected.
    private async Task<bool> TryAsync(Node node, CancellationToken stop)
    {
        var queue = new AuditQueue(node, _options, _logger);
        await using (queue.ConfigureAwait(false))
        {
            try
            {
                var (channel, deliveries) = await queue.OpenAsync(stop).ConfigureAwait(false);
                _logger.Consuming(_options.Queue);
                await ConsumeAsync(channel, deliveries, stop).ConfigureAwait(false);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                // What was not committed comes again.
            }
            catch (Exception error) when (!queue.IsOpen)
            {
                _logger.NotConnected(LogLevel.Warning, $"{node.Name}: {Opening.TextOf(error)}");
            }
            catch (Exception error)
            {
                _logger.EventNotHandled(error);
            }

            return queue.WasOpen;
        }
    }

    private async Task ConsumeAsync(IChannel channel, ChannelReader<Delivery> deliveries, CancellationToken stop)
    {
        while (await deliveries.WaitToReadAsync(stop).ConfigureAwait(false))
        {
            var tag = await HandleBatchAsync(deliveries, stop).ConfigureAwait(false);
            await channel.BasicAckAsync(tag, multiple: true, stop).ConfigureAwait(false);
            _pause = _options.Pause;
        }
    }

    // What is there, and no more than a batch; returns the tag of the last.
    private async Task<ulong> HandleBatchAsync(ChannelReader<Delivery> deliveries, CancellationToken stop)
    {
        var tag = 0UL;
        var transaction = await _ledger.BeginAsync(stop).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            for (var taken = 0; taken < _options.Batch && deliveries.TryRead(out var delivery); taken++)
            {
                var received = await SequenceRule.TakeAsync(transaction, delivery, _logger, stop).ConfigureAwait(false);
                if (received is not null)
                    await _handler(received, transaction, stop).ConfigureAwait(false);
                tag = delivery.Tag;
            }

            await transaction.CommitAsync(stop).ConfigureAwait(false);
        }

        return tag;
    }
}
