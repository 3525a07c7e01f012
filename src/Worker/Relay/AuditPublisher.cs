using System.Diagnostics;
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
internal sealed class AuditPublisher(
    IOptions<ConnectionOptions> servers, IOptions<AuditOptions> options, AuditDestination destination, RelayLease lease,
    PublishedMemory? memory = null) : IAsyncDisposable
{
    private static readonly CreateChannelOptions ConfirmsTrackedByUs = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);

    private IConnection? _connection;
    private IChannel? _channel;

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
            return result.Then(head.IsRefused ? await ExplainAsync(head, refused, cancellationToken) : head);
        }
        catch
        {
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
            return Judge(page, await SendAsync(channel, page, bodies, cancellationToken));
        // Before the events: what a consumer has got must be remembered, and not the other way round.
        var confirm = new ConfirmWindow(await channel.GetNextPublishSequenceNumberAsync(cancellationToken), 1);
        using var heard = confirm.Hear(channel);
        await channel.BasicPublishAsync(
            "", PublishedMemory.Queue, mandatory: true, remembered.Properties, remembered.Body, cancellationToken);
        var result = Judge(page, await SendAsync(channel, page, bodies, cancellationToken));
        await memory.SettleAsync(remembered, confirm, cancellationToken);
        return result;
    }

    private async Task<ConfirmWindow> SendAsync(
        IChannel channel, IReadOnlyList<StoredEvent> page, byte[][] bodies, CancellationToken cancellationToken)
    {
        var confirms = new ConfirmWindow(
            await channel.GetNextPublishSequenceNumberAsync(cancellationToken), page.Count);
        using var heard = confirms.Hear(channel);
        using var spans = PublishSpans.Begin();
        for (var i = 0; i < bodies.Length; i++)
        {
            var stored = page[i];
            var exchange = destination.ExchangeOf(stored.Event);
            var traceParent = spans is null ? stored.TraceParent : spans.Start(stored, exchange);
            await channel.BasicPublishAsync(
                exchange, destination.RoutingKeyOf(stored.Event), mandatory: true,
                destination.PropertiesOf(stored, traceParent), bodies[i], cancellationToken);
        }

        await confirms.Settled.WaitAsync(lease.ConfirmTimeout, cancellationToken);
        spans?.Settle();
        return confirms;
    }

    private PublishResult Judge(IReadOnlyList<StoredEvent> page, ConfirmWindow confirms)
    {
        var skipped = 0;
        for (var position = 0; position < page.Count; position++)
        {
            if (confirms.IsRejected(position))
                return new(position, skipped, Obstacle: null, IsRefused: true);
            if (!confirms.IsReturned(page[position].Event.EventId.ToString()))
                continue;
            if (options.Value.Unrouted is UnroutedPolicy.Hold)
                return new(position, skipped, destination.WhyReturned(page[position].Event));
            skipped++;
        }

        return new(page.Count, skipped, null);
    }

    // The next try needs another connection: see above.
    private async Task<PublishResult> ExplainAsync(
        PublishResult result, StoredEvent refused, CancellationToken cancellationToken)
    {
        var queues = _connection is { } connection
            ? await RefusedQueues.DescribeAsync(connection, destination.KnownQueues, cancellationToken) : "";
        if (_connection is { } refusing)
            servers.Value.Nodes.Avoid(refusing.Endpoint);
        await CloseAsync();
        return result with { Obstacle = destination.WhyRefused(refused.Event, queues) };
    }

    private async Task<IChannel> OpenChannelAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } open)
            return open;
        await CloseAsync();
        _connection = await RabbitConnection.OpenAsync(servers.Value, destination.ConnectionName, cancellationToken);
        _channel = await _connection.CreateChannelAsync(ConfirmsTrackedByUs, cancellationToken);
        if (destination.Queue is null)
            await AuditTopology.DeclareAsync(_channel, options.Value.DeclareQueue, cancellationToken);
        return _channel;
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection)
            await connection.LeaveAsync();
        (_connection, _channel) = (null, null);
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

    /// <summary>The same, with what became of the refused event when it was tried again alone.</summary>
    public PublishResult Then(PublishResult head) =>
        new(Delivered + head.Delivered, Skipped + head.Skipped, head.Obstacle, IsRefused: true);

    private static string? Fit(string? said) => said is null ? null : PeerText.Line(said);
}

/// <summary>The spans of one page of audit events, each in the trace of the message that caused it, from when it is
/// sent until the broker has answered for the page.</summary>
internal sealed class PublishSpans : IDisposable
{
    private readonly List<Activity> _open = [];
    private bool _isSettled;

    /// <summary>Null without a listener.</summary>
    public static PublishSpans? Begin() => Tracing.Source.HasListeners() ? new PublishSpans() : null;

    /// <summary>Starts the span of an event.</summary>
    /// <returns>The trace context for its consumers; null when there is none.</returns>
    public string? Start(StoredEvent stored, string exchange)
    {
        var cause = Tracing.Parse(stored.TraceParent);
        if (cause == default)
            return null;
        var around = Activity.Current;
        var span = Tracing.Source.StartActivity($"publish {exchange}", ActivityKind.Producer, cause);
        // Beside each other, not in each other.
        Activity.Current = around;
        if (span is null)
            return stored.TraceParent;
        span.SetTag("messaging.system", "rabbitmq").SetTag("messaging.destination.name", exchange)
            .SetTag("messaging.operation.name", "publish").SetTag("messaging.operation.type", "send")
            .SetTag("messaging.message.id", stored.Event.EventId.ToString())
            .SetTag("voice.audit.stream", stored.Event.Stream).SetTag("voice.audit.sequence", stored.Event.Sequence);
        _open.Add(span);
        return span.Id;
    }

    /// <summary>The broker has confirmed the page, or given some of it back.</summary>
    public void Settle() => _isSettled = true;

    /// <summary>Ends them; as failed unless they are settled.</summary>
    public void Dispose()
    {
        foreach (var span in _open)
        {
            if (!_isSettled)
                span.SetTag("error.type", "unconfirmed").SetStatus(ActivityStatusCode.Error);
            span.Dispose();
        }
    }
}
