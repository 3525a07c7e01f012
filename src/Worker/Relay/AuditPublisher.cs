using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Servers;

namespace VoiceWorker.Relay;

/// <summary>
/// Step 2 of the relay: publishes sequenced events in order, on a connection of its own, mandatory and with pipelined
/// confirms. Anything that goes wrong closes the channel; the next page opens another.
/// </summary>
/// <remarks>
/// A nack is for one event: what was sent behind it can be in the queue before it. So nothing follows on a nack that is
/// known, and what is likely to be refused goes alone: the first event of a new channel through each exchange. To a
/// quorum queue without a leader RabbitMQ refuses that one, and takes the next when there is a leader; on a channel
/// that the queue knows it keeps the order itself.
/// </remarks>
internal sealed class AuditPublisher(
    IOptions<ConnectionOptions> servers, IOptions<AuditOptions> options, AuditDestination destination, RelayLease lease,
    PublishedMemory? memory = null) : IAsyncDisposable
{
    private static readonly CreateChannelOptions ConfirmsTrackedByUs = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);

    // For the first event of a channel. One that RabbitMQ 3.10 got while a queue had no leader is never answered for.
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(2);

    // Exchanges through which this channel has delivered.
    private readonly HashSet<string> _proven = new(StringComparer.Ordinal);
    private int _silences;
    private IConnection? _connection;
    private IChannel? _channel;
    private ChannelConfirms? _confirms;

    /// <summary>Publishes a page and waits until the broker has answered for all of it.</summary>
    /// <param name="page">In store order, at least one event.</param>
    /// <param name="published">Position up to which everything is published; of no account for a replay.</param>
    /// <exception cref="RabbitMQ.Client.Exceptions.RabbitMQClientException">The broker or the way to it
    /// failed.</exception>
    public async Task<PublishResult> PublishAsync(
        IReadOnlyList<StoredEvent> page, long published, CancellationToken cancellationToken)
    {
        try
        {
            var isNew = _channel is not { IsOpen: true };
            var result = await TryAsync(page, published, cancellationToken);
            if (!result.IsRefused)
                return result;
            var refused = page[result.Delivered];
            if (isNew)
                return await ExplainAsync(result, refused, cancellationToken);
            // RabbitMQ 3.10: a channel that is first used while a quorum queue has no leader refuses everything from
            // then on.
            await CloseAsync();
            var head = await TryAsync([refused], published, cancellationToken);
            if (head.IsRefused)
                head = await ExplainAsync(head, refused, cancellationToken);
            return result.Then(head) with { IsRefused = true };
        }
        catch (Exception failure)
        {
            if (failure is TimeoutException)
                AvoidNode();
            await CloseAsync();
            throw;
        }
    }

    /// <summary>Why what is published is not remembered; null while it is.</summary>
    public string? Unremembered => memory?.Obstacle;

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task<PublishResult> TryAsync(
        IReadOnlyList<StoredEvent> page, long published, CancellationToken cancellationToken)
    {
        var isNew = _channel is not { IsOpen: true };
        var channel = await OpenChannelAsync(cancellationToken);
        if (memory is not null)
            await memory.DeclareAsync(_connection!, isNew, cancellationToken);
        var bodies = new byte[page.Count][];
        for (var i = 0; i < bodies.Length; i++)
            bodies[i] = AuditMessage.Body(page[i].Event);
        if (memory?.Compose(page, bodies, published) is not { } remembered)
            return await SendAsync(channel, page, bodies, cancellationToken);
        // Before the events: what a consumer has got must be remembered, and not the other way round.
        var confirm = new ConfirmWindow(await channel.GetNextPublishSequenceNumberAsync(cancellationToken), 1);
        using var heard = _confirms!.Hear(confirm);
        await channel.BasicPublishAsync(
            "", PublishedMemory.Queue, mandatory: true, remembered.Properties, remembered.Body, cancellationToken);
        var result = await SendAsync(channel, page, bodies, cancellationToken);
        await memory.SettleAsync(remembered, confirm, cancellationToken);
        return result;
    }

    private async Task<PublishResult> SendAsync(
        IChannel channel, IReadOnlyList<StoredEvent> page, byte[][] bodies, CancellationToken cancellationToken)
    {
        var sent = new PublishResult(0, 0, null);
        while (sent.Delivered < page.Count && sent is { Obstacle: null, IsRefused: false })
        {
            var part = sent.Delivered..EndOfPart(page, sent.Delivered);
            var confirms = await SendPartAsync(channel, page, bodies, part, cancellationToken);
            var result = Judge(page, part.Start.Value, confirms);
            if (result.Delivered > 0 && _proven.Add(destination.ExchangeOf(page[part.Start.Value].Event)))
                _silences = 0;
            sent = sent.Then(result);
        }

        return sent;
    }

    private int EndOfPart(IReadOnlyList<StoredEvent> page, int start)
    {
        var end = start;
        while (end < page.Count && _proven.Contains(destination.ExchangeOf(page[end].Event)))
            end++;
        return Math.Max(start + 1, end);
    }

    private async Task<ConfirmWindow> SendPartAsync(
        IChannel channel, IReadOnlyList<StoredEvent> page, byte[][] bodies, Range part,
        CancellationToken cancellationToken)
    {
        var (start, count) = part.GetOffsetAndLength(page.Count);
        var confirms = new ConfirmWindow(await channel.GetNextPublishSequenceNumberAsync(cancellationToken), count);
        using var heard = _confirms!.Hear(confirms);
        using var spans = PublishSpans.Begin();
        var sent = 0;
        for (; sent < count && (sent == 0 || !MustStop(confirms)); sent++)
        {
            var stored = page[start + sent];
            var exchange = destination.ExchangeOf(stored.Event);
            var traceParent = spans is null ? stored.TraceParent : spans.Start(stored, exchange);
            await channel.BasicPublishAsync(
                exchange, destination.RoutingKeyOf(stored.Event), mandatory: true,
                destination.PropertiesOf(stored, traceParent), bodies[start + sent], cancellationToken);
        }

        confirms.End(sent);
        await SettleAsync(confirms, _proven.Contains(destination.ExchangeOf(page[start].Event)), cancellationToken);
        spans?.Settle();
        return confirms;
    }

    private async Task SettleAsync(ConfirmWindow confirms, bool isProven, CancellationToken cancellationToken)
    {
        // On a slow broker each try has longer.
        var patience = isProven ? TimeSpan.MaxValue : FirstPatience * (1 << _silences);
        if (patience >= lease.ConfirmTimeout)
            patience = lease.ConfirmTimeout;
        else
            _silences++;
        await confirms.Settled.WaitAsync(patience, cancellationToken);
    }

    private bool MustStop(ConfirmWindow confirms) =>
        confirms.HasRejected || (confirms.HasReturned && options.Value.Unrouted is UnroutedPolicy.Hold);

    private PublishResult Judge(IReadOnlyList<StoredEvent> page, int start, ConfirmWindow confirms)
    {
        var skipped = 0;
        for (var position = 0; position < confirms.Sent; position++)
        {
            var sent = page[start + position].Event;
            if (confirms.IsRejected(position))
                return new(position, skipped, Obstacle: null, IsRefused: true);
            if (!confirms.HasReturned || !confirms.IsReturned(sent.EventId.ToString()))
                continue;
            if (options.Value.Unrouted is UnroutedPolicy.Hold)
                return new(position, skipped, destination.WhyReturned(sent));
            skipped++;
        }

        return new(confirms.Sent, skipped, null);
    }

    // The next try needs another connection: see above.
    private async Task<PublishResult> ExplainAsync(
        PublishResult result, StoredEvent refused, CancellationToken cancellationToken)
    {
        var queues = _connection is { } connection
            ? await RefusedQueues.DescribeAsync(connection, destination.KnownQueues, cancellationToken) : "";
        AvoidNode();
        await CloseAsync();
        return result with { Obstacle = destination.WhyRefused(refused.Event, queues) };
    }

    private void AvoidNode()
    {
        if (_connection is { } unusable)
            servers.Value.Nodes.Avoid(unusable.Endpoint);
    }

    private async Task<IChannel> OpenChannelAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } open)
            return open;
        await CloseAsync();
        _proven.Clear();
        _connection = await RabbitConnection.OpenAsync(servers.Value, destination.ConnectionName, cancellationToken);
        _channel = await _connection.CreateChannelAsync(ConfirmsTrackedByUs, cancellationToken);
        _confirms = new ChannelConfirms(_channel);
        if (destination.Queue is null)
            await AuditTopology.DeclareAsync(_channel, options.Value.DeclareQueue, cancellationToken);
        return _channel;
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection)
            await connection.LeaveAsync();
        (_connection, _channel, _confirms) = (null, null, null);
    }
}

/// <summary>What became of a page.</summary>
/// <param name="Delivered">Events from the start of the page that are done: confirmed, or skipped by policy.</param>
/// <param name="Skipped">How many of them reached no queue and were skipped.</param>
/// <param name="Obstacle">Why the page stopped there; null when nothing is in the way.</param>
/// <param name="IsRefused">Whether the broker refused an event; without an obstacle it took that one on a new
/// connection, and what comes after it is still to be published.</param>
internal readonly record struct PublishResult(int Delivered, int Skipped, string? Obstacle, bool IsRefused = false)
{
    /// <summary>With names of exchanges and queues: as <see cref="PeerText.Line"/> has it.</summary>
    public string? Obstacle { get; init => field = Fit(value); } = Fit(Obstacle);

    /// <summary>The same, with what became of those that were published next.</summary>
    public PublishResult Then(PublishResult next) =>
        new(Delivered + next.Delivered, Skipped + next.Skipped, next.Obstacle, next.IsRefused);

    private static string? Fit(string? said) => said is null ? null : PeerText.Line(said);
}
