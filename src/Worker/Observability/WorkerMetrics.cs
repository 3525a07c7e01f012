using System.Diagnostics.Metrics;

namespace VoiceWorker.Observability;

/// <summary>
/// Every metric of the worker. Names and attributes follow OpenTelemetry's conventions where they have one; durations
/// and ages are in seconds. A failure adds <c>error.type</c> to the same name.
/// <code>
/// voice_worker.calls                  counter {call}       answered from a committed transaction, by voice.source and
///                                                          voice.reason; one that is delivered again counts again
/// voice_worker.changes                counter {change}     changes of voice that were decided, by voice.outcome
/// voice_worker.changes.ahead          counter {change}     deliveries whose changedAt is over 5 minutes ahead
/// voice_worker.voices.changed_outside gauge {business}     that have another voice than their last recorded change
///                                                          left: at most 1,000, found by the leader little by little
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
/// voice_worker.audit.lost             counter {event}      published, and not in the database after a promotion, by
///                                                          voice.recorded_again (true, false)
/// voice_worker.audit.held             gauge 0 or 1         this worker relays, and the broker takes no events
/// voice_worker.audit.unsequenced.age  gauge s              the oldest event in the outbox
/// voice_worker.audit.unpublished.age  gauge s              the oldest event that is not known to be published
/// voice_worker.duty.rounds            counter {round}      rounds of a background loop, by voice.duty
///                                                          (relay, retention, watch, topology, consuming)
/// voice_worker.retention.removed      counter {row}        removed because of their age, by voice.retention.store
/// voice_worker.queue.messages         gauge {message}      that wait to be delivered, by messaging.destination.name
///                                                          and voice.queue.role (input, audit)
/// voice_worker.queue.consumers        gauge {consumer}     by the same
/// voice_worker.queue.age              gauge s              since the queue was last seen empty, by the same: no
///                                                          message in it waits for longer
/// voice_worker.queue.paused           gauge 0 or 1         an operator has this worker not consume it, by
///                                                          messaging.destination.name
/// voice_worker.dead_letters           gauge {message}      by messaging.destination.name
/// voice_worker.ready                  gauge 0 or 1         what /health/ready says
/// voice_worker.schema.verified        gauge 0 or 1         every critical column was there at the start
/// voice_worker.migration.state        gauge 0 or 1         1 for the state that the migration is in, by
///                                                          voice.migration.state
/// </code>
/// </summary>
internal sealed partial class WorkerMetrics
{
    /// <summary>What a listener subscribes to.</summary>
    public const string MeterName = "VoiceWorker";

    /// <summary>Counts the rounds of the background loops, by <c>voice.duty</c>.</summary>
    public const string DutyRounds = "voice_worker.duty.rounds";

    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly int[] Sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

    private readonly Counter<long> _calls, _changes, _changesAhead, _repliesLost;
    private readonly Counter<long> _sequenced, _published, _skipped, _lost, _duties, _removed;
    private readonly Histogram<double> _replies, _processed, _groups, _rounds;
    private readonly Histogram<int> _groupSizes;
    private readonly Gauge<int> _leader, _held, _ready, _schemaVerified, _migration, _queuePaused;
    private readonly Gauge<double> _unsequencedAge, _unpublishedAge, _queueAge;
    private readonly Gauge<long> _queueMessages, _queueConsumers, _deadLetters, _changedOutside;
    private readonly ReplyWindow _replyWindow = new();
    private long _callsRecorded;

    /// <summary>Measures for the listeners of the worker's meter.</summary>
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
        _changedOutside = meter.CreateGauge<long>(
            "voice_worker.voices.changed_outside", "{business}",
            "Businesses that have another voice than their last recorded change left");
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
        _lost = meter.CreateCounter<long>(
            "voice_worker.audit.lost", "{event}", "Published events that a promoted database did not have");
        _duties = meter.CreateCounter<long>(DutyRounds, "{round}", "Rounds of a background loop");
        _removed = meter.CreateCounter<long>(
            "voice_worker.retention.removed", "{row}", "Rows removed because of their age");
        _unsequencedAge = meter.CreateGauge<double>(
            "voice_worker.audit.unsequenced.age", "s", "The oldest event in the outbox");
        _unpublishedAge = meter.CreateGauge<double>(
            "voice_worker.audit.unpublished.age", "s", "The oldest event that is not known to be published");
        _held = meter.CreateGauge<int>("voice_worker.audit.held", null, "Whether the broker takes no audit events");
        _queueMessages = meter.CreateGauge<long>(
            "voice_worker.queue.messages", "{message}", "Messages that wait to be delivered");
        _queueConsumers = meter.CreateGauge<long>("voice_worker.queue.consumers", "{consumer}", "Consumers of a queue");
        _queueAge = meter.CreateGauge<double>("voice_worker.queue.age", "s", "Since the queue was last seen empty");
        _queuePaused = meter.CreateGauge<int>(
            "voice_worker.queue.paused", null, "Whether an operator has this worker not consume a queue");
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

    /// <summary>For work that is not measured.</summary>
    public static WorkerMetrics Unheard { get; } = new(new Meter(MeterName + ".Unheard"));
}
