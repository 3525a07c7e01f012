using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Relay;

// How to read this room.
//
// Consumers commit audit events into voice.outbox. One worker, the leader, takes them from there to the broker:
//   1 sequence  Sequencer moves a page from the outbox into the event streams. One statement, one transaction; as the
//               only writer of the store it gives each stream versions without a gap, the sequence on the wire, and
//               chains its events by their hashes. Now and then TrailSealer has a seal written behind them.
//   2 publish   AuditPublisher sends a page in order, mandatory, and waits once for all confirms.
//   3 advance   the checkpoint moves to what is confirmed, within the next page's transaction.
// A page is published while the next one is sequenced. What is published was committed in an earlier round, so a crash
// repeats events with their ids and sequences, and never gives a sequence to another event.
//
// Who leads: a session advisory lock on the very connection that sequences and advances (RelayLeadership). A leader
// whose session has ended cannot write. A frozen one loses its session after RelayLease; nothing that a leader waits
// for may take longer, and each round says something on that session. A round that throws gives the session up.
//
// Where it stands: RelayPosition, always checkpoint ≤ published ≤ kept ≤ sequenced. _page has exactly the events
// between published and kept. The store is read back only when there is more of it behind kept.
//
// What was published is kept by the broker too (PublishedMemory). Where another PostgreSQL has been promoted, a new
// leader compares before it sequences (HistoryRecovery): no sequence is given to two events.
//
// What stops it: an event that reaches no queue, or that the broker refuses. Events behind it wait, the outbox is
// sequenced meanwhile, health is Degraded with the reason. PublishPace says how much is tried next, and when.
//
// Files: RelayService runs the rounds (a Duty); AuditRelay is a round; RelayPosition, PublishPace and, of
// HistoryRecovery, RememberedHistory are the pure parts; AuditPublisher with ConfirmWindow is step 2; AuditMessage,
// AuditDestination and AuditTopology are what the broker sees; NewerEvents names what only a newer version can send.

/// <summary>
/// Takes audit events from the outbox to the broker: sequence → publish → advance the checkpoint. One leader at a time;
/// the others stand by and ask again every poll interval.
/// </summary>
internal sealed class AuditRelay(
    PostgresConnections connections, HistoryRecovery recovery, Sequencer sequencer, TrailSealer sealer,
    AuditPublisher publisher, RelayLease lease, IOptions<AuditOptions> options, TimeProvider time,
    WorkerMetrics metrics) : IAsyncDisposable
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);

    private readonly AuditOptions _options = options.Value;
    private readonly Queue<StoredEvent> _page = new();
    private NpgsqlConnection? _session;
    private bool _isLeader;
    private RelayPosition _position;
    private PublishPace _pace = PublishPace.Full;
    private string? _obstacle;
    private string? _loss;
    private volatile bool _isWoken;
    private int _promotions;
    private int _noticed;

    /// <summary>One round; loses the leadership with its session when it throws.</summary>
    public async Task<RelayRound> RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await LeadAsync(cancellationToken))
                return RelayRound.Standby;
            _isWoken = false;
            // One page is published while the next one gets its sequences: each was committed in an earlier round.
            var publishing = PublishAsync(cancellationToken);
            var sequencing = SequenceOutboxAsync(cancellationToken);
            await Task.WhenAll(publishing, sequencing);
            var (result, sequenced) = (await publishing, await sequencing);
            Settle(result);
            await FillPageAsync(cancellationToken);
            return new RelayRound(true, sequenced, result.Delivered, _page.Count, result.Obstacle)
            {
                Loss = _loss, Unremembered = publisher.Unremembered,
            };
        }
        catch
        {
            await ResignAsync();
            throw;
        }
    }

    /// <summary>Waits until there may be something to do: a leader for a NOTIFY, the others for a promotion; at most
    /// one poll interval.</summary>
    /// <param name="isHeld">Whether events are held: then a NOTIFY changes nothing.</param>
    public async Task WaitAsync(bool isHeld, CancellationToken cancellationToken)
    {
        if (!_isLeader || isHeld)
            await RestAsync(_options.PollInterval, cancellationToken);
        else if (!_isWoken)
            await _session!.WaitAsync((int)_options.PollInterval.TotalMilliseconds, cancellationToken);
    }

    /// <summary>Waits, at most until another server is found promoted: everybody waits for its first leader.</summary>
    /// <returns>Whether one was.</returns>
    public async Task<bool> RestAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var promotion = connections.WaitForPromotionAsync(_noticed);
        await await Task.WhenAny(promotion, Task.Delay(duration, time, cancellationToken));
        return promotion.IsCompleted;
    }

    /// <summary>Gives the leadership up in order: the next leader begins where this one stopped.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_isLeader)
                await AdvanceCheckpointAsync(cancellationToken).WaitAsync(cancellationToken);
        }
        finally
        {
            await ResignAsync();
        }
    }

    public async ValueTask DisposeAsync() => await ResignAsync();

    private bool IsHeld => _obstacle is not null;

    // A page, its seal, and one more: a leader that is behind by no more than that sees the end of the store.
    private int LargestRead => _options.PageSize + 2;

    private async Task<bool> LeadAsync(CancellationToken cancellationToken)
    {
        _noticed = connections.Promotions;
        // Where another server has been promoted this session may lead to the old one.
        if (_session is not null && _promotions != _noticed)
            await ResignAsync();
        _session ??= await OpenSessionAsync(cancellationToken);
        if (_isLeader)
            return true;
        if (!await RelayLeadership.TryTakeAsync(_session, cancellationToken))
            return false;
        await ListenAsync(_session, cancellationToken);
        _loss = await recovery.RunAsync(_session, cancellationToken) ?? _loss;
        await sealer.BeginAsync(_session, cancellationToken);
        _position = RelayPosition.At(await RelayCheckpointTable.ReadAsync(_session, cancellationToken));
        return _isLeader = true;
    }

    private async Task<NpgsqlConnection> OpenSessionAsync(CancellationToken cancellationToken)
    {
        _promotions = connections.Promotions;
        var session = await RelayLeadership.OpenSessionAsync(connections, lease.Duration, cancellationToken);
        // It may have been opened on the old server before that was noticed.
        if (_promotions != connections.Promotions)
        {
            await session.DisposeAsync();
            return await OpenSessionAsync(cancellationToken);
        }

        await sequencer.RehearseAsync(session, cancellationToken);
        return session;
    }

    private async Task ListenAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        session.Notification += (_, _) => _isWoken = true;
        await using var listen = new NpgsqlCommand($"LISTEN {OutboxTable.Channel}", session);
        await listen.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<PublishResult> PublishAsync(CancellationToken cancellationToken)
    {
        if (_page.Count == 0)
            return default;
        if (_pace.Rest > 0)
        {
            _pace = _pace.RestOnce();
            return new(0, 0, _obstacle);
        }

        var result = await publisher.PublishAsync(
            [.. _page.Take(_pace.Size)], _position.Published, cancellationToken);
        _pace = _pace.After(result, longestRest: (int)(LongestRest / _options.PollInterval));
        return result;
    }

    // While events are held there is nothing to publish in between: the audit trail keeps up with the outbox.
    private async Task<int> SequenceOutboxAsync(CancellationToken cancellationToken)
    {
        int sequenced = 0, page;
        do
        {
            sequenced += page = await SequencePageAsync(cancellationToken);
            if (await sealer.SealAsync(_session!, cancellationToken) is { } trailSealed)
                sequenced += Add([trailSealed]);
        }
        while (IsHeld && page == _options.PageSize);
        return sequenced;
    }

    private async Task<int> SequencePageAsync(CancellationToken cancellationToken)
    {
        // A round that publishes leaves the checkpoint to the next one, which has a page to commit or time to do it
        // alone; but not for longer than a page, or a crash within a backlog would repeat all of it.
        var isIdle = _page.Count == 0 || IsHeld;
        var advanceAlone = _position.MustAdvance(_options.PageSize, isIdle);
        var sequencing = sequencer.SequenceAsync(
            _session!, _position.Published, _options.PageSize, advanceAlone, cancellationToken);
        var page = await NewerEvents.NameAsync(sequencing, _session!, cancellationToken);
        if (advanceAlone || page.Count > 0)
            _position = _position.Advance();
        sealer.Note(page.Count);
        return Add(page);
    }

    // A page that follows on what is in memory is kept, so that it need not be read back.
    private int Add(IReadOnlyList<StoredEvent> page)
    {
        if (page.Count == 0)
            return 0;
        metrics.Sequenced(page.Count);
        // One while another is published. What does not fit is read back from the store, and so is all that follows.
        var mayKeep = _position.IsAtEnd && _page.Count + page.Count <= 2 * LargestRead;
        _position = _position.Sequence(page[^1].Position);
        if (mayKeep)
            Keep(page);
        return page.Count;
    }

    private void Settle(PublishResult result)
    {
        for (var i = 0; i < result.Delivered; i++)
            _position = _position.Publish(_page.Dequeue().Position);
        _obstacle = result.Obstacle;
        metrics.Published(result.Delivered - result.Skipped, result.Skipped);
    }

    private async Task FillPageAsync(CancellationToken cancellationToken)
    {
        if (!_position.MustRead)
            return;
        var page = await EventStore.ReadAfterAsync(
            _session!, _position.Published, LargestRead, cancellationToken);
        Keep(page);
        if (page.Count < LargestRead)
            _position = _position.ReachEnd();
    }

    private async Task AdvanceCheckpointAsync(CancellationToken cancellationToken)
    {
        if (!_position.IsCheckpointBehind)
            return;
        await RelayCheckpointTable.AdvanceAsync(_session!, _position.Published, cancellationToken);
        _position = _position.Advance();
    }

    private void Keep(IReadOnlyList<StoredEvent> page)
    {
        foreach (var stored in page)
            _page.Enqueue(stored);
        if (page.Count > 0)
            _position = _position.Keep(page[^1].Position);
    }

    private async Task ResignAsync()
    {
        var session = Interlocked.Exchange(ref _session, null);
        (_isLeader, _obstacle, _pace) = (false, null, PublishPace.Full);
        _page.Clear();
        // An unresponsive server answers no goodbye either; it ends a silent session by itself.
        if (session is not null)
        {
            await session.DisposeAsync().AsTask().WaitAsync(ClosePatience)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
