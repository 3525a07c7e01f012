using System.Diagnostics;
using System.Diagnostics.Metrics;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Retention;

namespace VoiceWorker.Observability;

/// <summary>
/// Every metric of the worker. Names and attributes follow OpenTelemetry's conventions where they have one; durations
/// and ages are in seconds. A failure adds <c>error.type</c> to the same name.
/// <code>
/// voice_worker.calls                  counter {call}       answered from a committed transaction, by voice.source and
///                                                          voice.reason; one that is delivered again counts again
/// voice_worker.changes                counter {change}     changes of voice that were decided, by voice.outcome
/// voice_worker.changes.ahead          counter {change}     deliveries whose changedAt is over 5 minutes ahead
/// voice_worker.reply.duration         histogram s          arrival of a CallStarted until its answer is handed over
/// voice_worker.replies.lost           counter {reply}      asked for and not got, by voice.loss
/// messaging.process.duration          histogram s          arrival of a delivery until its end, by
///                                                          messaging.destination.name
/// voice_worker.group.size             histogram {message}  messages in one transaction, by voice.group
/// voice_worker.group.duration         histogram s          one attempt at a transaction, by voice.group
/// voice_worker.relay.leader           gauge 0 or 1         whether this worker relays
/// voice_worker.relay.round.duration   histogram s          one round of the leader
/// voice_worker.audit.sequenced        counter {event}      got their place in the event store
/// voice_worker.audit.published        counter {event}      confirmed by the broker
/// voice_worker.audit.skipped          counter {event}      reached no queue and were skipped (Audit:Unrouted=Skip)
/// voice_worker.audit.held             gauge 0 or 1         this worker relays, and events reach no queue
/// voice_worker.audit.unsequenced.age  gauge s              the oldest event in the outbox
/// voice_worker.audit.unpublished.age  gauge s              the oldest event that is not known to be published
/// voice_worker.duty.rounds            counter {round}      rounds of a background loop, by voice.duty
///                                                          (relay, retention, watch, topology)
/// voice_worker.retention.removed      counter {row}        removed because of their age, by voice.retention.store
/// voice_worker.queue.messages         gauge {message}      that wait to be delivered, by messaging.destination.name
///                                                          and voice.queue.role (input, audit)
/// voice_worker.queue.consumers        gauge {consumer}     by the same
/// voice_worker.queue.age              gauge s              since the queue was last seen empty, by the same: no
///                                                          message in it waits for longer
/// voice_worker.dead_letters           gauge {message}      by messaging.destination.name
/// voice_worker.ready                  gauge 0 or 1         what /health/ready says
/// voice_worker.schema.verified        gauge 0 or 1         every critical column was there at the start
/// voice_worker.migration.state        gauge 0 or 1         1 for the state that the migration is in, by
///                                                          voice.migration.state
/// </code>
/// </summary>
public sealed class WorkerMetrics
{
    /// <summary>What a listener subscribes to.</summary>
    public const string MeterName = "VoiceWorker";

    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly int[] Sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];
    private static readonly KeyValuePair<string, object?>[] Sources = TagsOf<VoiceSource>("voice.source");
    private static readonly KeyValuePair<string, object?>[] Reasons = TagsOf<VoiceReason>("voice.reason");
    private static readonly KeyValuePair<string, object?>[] Rejections = TagsOf<ChangeRejection>("voice.outcome");
    private static readonly KeyValuePair<string, object?>[] Losses = TagsOf<ReplyLoss>("voice.loss");
    private static readonly KeyValuePair<string, object?>[] States = TagsOf<MigrationPhase>("voice.migration.state");
    private static readonly KeyValuePair<string, object?>[] Stores = TagsOf<RetentionStore>("voice.retention.store");
    private static readonly KeyValuePair<string, object?> Updated = new("voice.outcome", "updated");
    private static readonly KeyValuePair<string, object?> RabbitMq = new("messaging.system", "rabbitmq");
    private static readonly KeyValuePair<string, object?> Processing = new("messaging.operation.name", "process");

    private readonly Counter<long> _calls, _changes, _changesAhead, _repliesLost;
    private readonly Counter<long> _sequenced, _published, _skipped, _duties, _removed;
    private readonly Histogram<double> _replies, _processed, _groups, _rounds;
    private readonly Histogram<int> _groupSizes;
    private readonly Gauge<int> _leader, _held, _ready, _schemaVerified, _migration;
    private readonly Gauge<double> _unsequencedAge, _unpublishedAge, _queueAge;
    private readonly Gauge<long> _queueMessages, _queueConsumers, _deadLetters;

    /// <summary>Measures for whoever listens to the worker's meter.</summary>
    public WorkerMetrics(IMeterFactory meters) : this(meters.Create(MeterName))
    {
    }

    private WorkerMetrics(Meter meter)
    {
        _calls = meter.CreateCounter<long>(
            "voice_worker.calls", "{call}", "Calls answered from a committed transaction");
        _changes = meter.CreateCounter<long>("voice_worker.changes", "{change}", "Changes of voice that were decided");
        _changesAhead = meter.CreateCounter<long>(
            "voice_worker.changes.ahead", "{change}", "Changes with a time more than 5 minutes ahead of the clock");
        _replies = Duration(
            "voice_worker.reply.duration", "From the arrival of a call until its answer is handed to the broker");
        _repliesLost = meter.CreateCounter<long>(
            "voice_worker.replies.lost", "{reply}", "Replies that a caller asked for and did not get");
        _processed = Duration("messaging.process.duration", "From the arrival of a delivery to its end");
        _groupSizes = meter.CreateHistogram("voice_worker.group.size", "{message}", "Messages in one transaction",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = Sizes });
        _groups = Duration("voice_worker.group.duration", "One attempt at a transaction");
        _leader = meter.CreateGauge<int>("voice_worker.relay.leader", null, "Whether this worker relays audit events");
        _rounds = Duration("voice_worker.relay.round.duration", "One round of the leader");
        _sequenced = meter.CreateCounter<long>(
            "voice_worker.audit.sequenced", "{event}", "Audit events that got their place");
        _published = meter.CreateCounter<long>(
            "voice_worker.audit.published", "{event}", "Audit events that the broker confirmed");
        _skipped = meter.CreateCounter<long>(
            "voice_worker.audit.skipped", "{event}", "Audit events that reached no queue");
        _duties = meter.CreateCounter<long>("voice_worker.duty.rounds", "{round}", "Rounds of a background loop");
        _removed = meter.CreateCounter<long>(
            "voice_worker.retention.removed", "{row}", "Rows removed because of their age");
        _unsequencedAge = meter.CreateGauge<double>(
            "voice_worker.audit.unsequenced.age", "s", "The oldest event in the outbox");
        _unpublishedAge = meter.CreateGauge<double>(
            "voice_worker.audit.unpublished.age", "s", "The oldest event that is not known to be published");
        _held = meter.CreateGauge<int>("voice_worker.audit.held", null, "Whether audit events reach no queue");
        _queueMessages = meter.CreateGauge<long>(
            "voice_worker.queue.messages", "{message}", "Messages that wait to be delivered");
        _queueConsumers = meter.CreateGauge<long>("voice_worker.queue.consumers", "{consumer}", "Consumers of a queue");
        _queueAge = meter.CreateGauge<double>("voice_worker.queue.age", "s", "Since the queue was last seen empty");
        _deadLetters = meter.CreateGauge<long>(
            "voice_worker.dead_letters", "{message}", "Messages that could not be processed");
        _ready = meter.CreateGauge<int>("voice_worker.ready", null, "What /health/ready says");
        _schemaVerified = meter.CreateGauge<int>(
            "voice_worker.schema.verified", null, "Every critical column is there");
        _migration = meter.CreateGauge<int>(
            "voice_worker.migration.state", null, "1 for the state that the migration is in");

        Histogram<double> Duration(string name, string description) => meter.CreateHistogram(
            name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
    }

    /// <summary>Of what nobody is to hear.</summary>
    public static WorkerMetrics Unheard { get; } = new(new Meter(MeterName + ".Unheard"));

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
        foreach (var store in Enum.GetValues<RetentionStore>())
            Removed(store, 0);
        Leads(false);
        Held(false);
        Ready(false);
    }

    /// <summary>Calls whose transaction is committed.</summary>
    public void Called(IReadOnlyList<CallVoice> calls)
    {
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
    public void Changed(IReadOnlyList<ChangeRejection?> changes)
    {
        foreach (var rejection in changes)
            _changes.Add(1, rejection is { } reason ? Rejections[(int)reason] : Updated);
    }

    /// <summary>A change came with a time that lies ahead.</summary>
    public void ChangedAhead() => _changesAhead.Add(1);

    /// <summary>A caller has its answer.</summary>
    public void Replied(TimeSpan after) => _replies.Record(after.TotalSeconds);

    /// <summary>A caller that asked for a reply does not get it.</summary>
    public void ReplyLost(ReplyLoss loss) => _repliesLost.Add(1, Losses[(int)loss]);

    /// <summary>A delivery is done with.</summary>
    public void Processed(string queue, TimeSpan elapsed) =>
        _processed.Record(elapsed.TotalSeconds, RabbitMq, Processing, new("messaging.destination.name", queue));

    /// <summary>A delivery failed.</summary>
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

    /// <summary>Whether this worker relays.</summary>
    public void Leads(bool isLeader) => _leader.Record(isLeader ? 1 : 0);

    /// <summary>Events got their sequences.</summary>
    public void Sequenced(int events) => _sequenced.Add(events);

    /// <summary>Events are done with.</summary>
    public void Published(int delivered, int skipped)
    {
        _published.Add(delivered);
        _skipped.Add(skipped);
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

    /// <summary>Retention removed rows.</summary>
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

/// <summary>How far the migration of this start has come.</summary>
public enum MigrationPhase
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
