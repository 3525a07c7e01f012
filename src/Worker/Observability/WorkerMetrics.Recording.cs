using System.Diagnostics;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Retention;

namespace VoiceWorker.Observability;

// What happens → which metric, with which attributes. The names are in WorkerMetrics.cs.
internal sealed partial class WorkerMetrics
{
    private static readonly KeyValuePair<string, object?>[] Sources = TagsOf<VoiceSource>("voice.source");
    private static readonly KeyValuePair<string, object?>[] Reasons = TagsOf<VoiceReason>("voice.reason");
    private static readonly KeyValuePair<string, object?>[] Rejections = TagsOf<ChangeRejection>("voice.outcome");
    private static readonly KeyValuePair<string, object?>[] Losses = TagsOf<ReplyLoss>("voice.loss");
    private static readonly KeyValuePair<string, object?>[] States = TagsOf<MigrationPhase>("voice.migration.state");
    private static readonly KeyValuePair<string, object?>[] Stores = TagsOf<RetentionStore>("voice.retention.store");
    private static readonly KeyValuePair<string, object?> Updated = new("voice.outcome", "updated");
    private static readonly KeyValuePair<string, object?> RabbitMq = new("messaging.system", "rabbitmq");
    private static readonly KeyValuePair<string, object?> Processing = new("messaging.operation.name", "process");

    /// <summary>Makes everything visible that has not happened yet: the first increase of a counter is then
    /// one.</summary>
    public void BeginAtZero()
    {
        foreach (var reason in Enum.GetValues<VoiceReason>())
            _calls.Add(0, SourceOf(reason), Reasons[(int)reason]);
        foreach (var outcome in Rejections.Append(Updated))
            _changes.Add(0, outcome);
        foreach (var loss in Losses)
            _repliesLost.Add(0, loss);
        _changesAhead.Add(0);
        Sequenced(0);
        Published(0, 0);
        HistoryLost(0, 0);
        foreach (var store in Enum.GetValues<RetentionStore>())
            Removed(store, 0);
        Leads(false);
        Held(false);
        ChangedOutside(0);
        Ready(false);
    }

    /// <summary>How many calls since the start.</summary>
    public long CallsRecorded => Interlocked.Read(ref _callsRecorded);

    /// <summary>Calls whose transaction is committed.</summary>
    public void Called(IReadOnlyList<CallVoice> calls)
    {
        Interlocked.Add(ref _callsRecorded, calls.Count);
        Span<int> counts = stackalloc int[Reasons.Length];
        for (var i = 0; i < calls.Count; i++)
            counts[(int)calls[i].Reason]++;
        for (var reason = 0; reason < counts.Length; reason++)
        {
            if (counts[reason] > 0)
                _calls.Add(counts[reason], SourceOf((VoiceReason)reason), Reasons[reason]);
        }
    }

    /// <summary>Changes whose transaction is committed.</summary>
    public void Changed(IReadOnlyList<VoiceChangeResult> changes)
    {
        foreach (var change in changes)
            _changes.Add(1, change.Reason is { } reason ? Rejections[(int)reason] : Updated);
    }

    /// <summary>A change came with a time that lies ahead.</summary>
    public void ChangedAhead() => _changesAhead.Add(1);

    /// <summary>So many businesses have another voice than their history says.</summary>
    public void ChangedOutside(int businesses) => _changedOutside.Record(businesses);

    /// <summary>A caller has its answer, so long after its call came.</summary>
    public void Replied(TimeSpan after, VoiceReason reason)
    {
        _replies.Record(after.TotalSeconds);
        _replyWindow.Note(after, isFallback: reason is VoiceReason.DatabaseUnavailable);
    }

    /// <summary>The replies since this was asked before.</summary>
    public WorkerReplies TakeReplies() => _replyWindow.Take();

    /// <summary>A caller that asked for a reply does not get it.</summary>
    public void ReplyLost(ReplyLoss loss) => _repliesLost.Add(1, Losses[(int)loss]);

    /// <summary>A delivery is done with.</summary>
    public void Processed(string queue, TimeSpan elapsed) =>
        _processed.Record(elapsed.TotalSeconds, RabbitMq, Processing, new("messaging.destination.name", queue));

    public void Failed(string queue, TimeSpan elapsed, string errorType) =>
        _processed.Record(elapsed.TotalSeconds, new TagList
        {
            RabbitMq, Processing, new("messaging.destination.name", queue), new("error.type", errorType),
        });

    /// <summary>One attempt at a transaction is over.</summary>
    public void Committed(string group, int size, TimeSpan elapsed, string? errorType)
    {
        KeyValuePair<string, object?> name = new("voice.group", group);
        if (errorType is null)
        {
            _groupSizes.Record(size, name);
            _groups.Record(elapsed.TotalSeconds, name);
            return;
        }

        _groupSizes.Record(size, name, new("error.type", errorType));
        _groups.Record(elapsed.TotalSeconds, name, new("error.type", errorType));
    }

    /// <summary>One round of the leader is over.</summary>
    public void Relayed(TimeSpan elapsed) => _rounds.Record(elapsed.TotalSeconds);

    /// <summary>A round failed, and the leadership is lost with it; what it did is counted already.</summary>
    public void RelayFailed(TimeSpan elapsed, string errorType)
    {
        _rounds.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("error.type", errorType));
        Sequenced(0);
        Published(0, 0);
        Leads(false);
    }

    public void Leads(bool isLeader) => _leader.Record(isLeader ? 1 : 0);

    public void Sequenced(int events) => _sequenced.Add(events);

    /// <summary>Events are done with.</summary>
    public void Published(int delivered, int skipped)
    {
        _published.Add(delivered);
        _skipped.Add(skipped);
    }

    /// <summary>A promoted database did not have what was published.</summary>
    public void HistoryLost(int recordedAgain, int gone)
    {
        _lost.Add(recordedAgain, new KeyValuePair<string, object?>("voice.recorded_again", "true"));
        _lost.Add(gone, new KeyValuePair<string, object?>("voice.recorded_again", "false"));
    }

    /// <summary>A round of a background loop is over.</summary>
    public void RanDuty(string duty, string? errorType)
    {
        KeyValuePair<string, object?> name = new("voice.duty", duty);
        if (errorType is null)
            _duties.Add(1, name);
        else
            _duties.Add(1, name, new("error.type", errorType));
    }

    public void Removed(RetentionStore store, long rows) => _removed.Add(rows, Stores[(int)store]);

    /// <summary>For how long the oldest events wait.</summary>
    public void Lags(AuditLag lag)
    {
        _unsequencedAge.Record(lag.Unsequenced.TotalSeconds);
        _unpublishedAge.Record(lag.Unpublished.TotalSeconds);
    }

    /// <summary>Whether this worker relays and gets its events into no queue.</summary>
    public void Held(bool isHeld) => _held.Record(isHeld ? 1 : 0);

    /// <summary>What waits in a queue, and who takes it.</summary>
    public void Queue(string queue, string role, long messages, long consumers, TimeSpan sinceEmpty)
    {
        KeyValuePair<string, object?> name = new("messaging.destination.name", queue);
        KeyValuePair<string, object?> use = new("voice.queue.role", role);
        _queueMessages.Record(messages, name, use);
        _queueConsumers.Record(consumers, name, use);
        _queueAge.Record(sinceEmpty.TotalSeconds, name, use);
    }

    /// <summary>Whether this worker does not consume a queue, as an operator has it.</summary>
    public void Paused(string queue, bool isPaused) => _queuePaused.Record(
        isPaused ? 1 : 0, new KeyValuePair<string, object?>("messaging.destination.name", queue));

    /// <summary>How many messages a queue of dead letters holds.</summary>
    public void DeadLetters(string queue, long messages) =>
        _deadLetters.Record(messages, new KeyValuePair<string, object?>("messaging.destination.name", queue));

    /// <summary>What /health/ready says.</summary>
    public void Ready(bool isReady) => _ready.Record(isReady ? 1 : 0);

    /// <summary>How far the migration of this start has come.</summary>
    public void Migrates(MigrationPhase phase)
    {
        foreach (var state in Enum.GetValues<MigrationPhase>())
            _migration.Record(state == phase ? 1 : 0, States[(int)state]);
        _schemaVerified.Record(phase is MigrationPhase.Verified ? 1 : 0);
    }

    private static KeyValuePair<string, object?> SourceOf(VoiceReason reason) =>
        Sources[(int)(reason is VoiceReason.BusinessVoice ? VoiceSource.Business : VoiceSource.Default)];

    // As on the wire.
    private static KeyValuePair<string, object?>[] TagsOf<T>(string attribute) where T : struct, Enum =>
        [.. Enum.GetValues<T>().Select(value => new KeyValuePair<string, object?>(attribute, WireName.Of(value)))];
}

/// <summary>Why a caller that asked for a reply did not get it.</summary>
internal enum ReplyLoss
{
    /// <summary>There is no queue of that name.</summary>
    Unroutable,

    /// <summary>The broker did not take it.</summary>
    Refused,

    /// <summary>The caller stopped waiting before there was an answer, or before it could be published.</summary>
    Late,

    /// <summary>Too many replies waited already.</summary>
    Overflow,

    /// <summary>The worker stopped before.</summary>
    Stopped,
}

/// <summary>How far the migration of this start has come.</summary>
internal enum MigrationPhase
{
    /// <summary>PostgreSQL is waited for.</summary>
    Pending,

    /// <summary>It is inspected and, where anything is left to do, changed.</summary>
    Running,

    /// <summary>The schema is as it must be.</summary>
    Verified,

    /// <summary>It could not be brought there, or something critical is missing: the process ends.</summary>
    Failed,
}
