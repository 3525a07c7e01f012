using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.ContractDocuments;

/// <summary>A message of the contracts, with an example of it.</summary>
/// <param name="Example">As a producer could send it, or the worker.</param>
/// <param name="Exchange">Where it is published; null for a reply, which goes to whoever asked.</param>
/// <param name="Sender">Who sends it.</param>
/// <param name="Request">What a reply answers.</param>
internal sealed record ContractMessage(object Example, string? Exchange, Sender Sender, Type? Request = null)
{
    private static readonly DateTimeOffset At = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    /// <summary>Every message, in the order in which a reader meets them.</summary>
    public static IReadOnlyList<ContractMessage> All { get; } =
    [
        new(new CallStarted("CA-4711", 42, At), Exchanges.CallStarted, Sender.Producer),
        ReplyTo<CallStarted>(
            new CallVoice("CA-4711", 42, "ash", VoiceSource.Default, VoiceReason.UnsupportedVoice)),
        ReplyTo<CallStarted>(new CallRefused(
            "CA-4711", RefusalError.InvalidMessage,
            [.. ContractRules.Check(new CallStarted("CA-4711", 42, default)).Select(Broken)])),
        new(
            new BusinessVoiceChanged(42, "marin", At, "admin"),
            Exchanges.BusinessVoiceChanged, Sender.Producer),
        ReplyTo<BusinessVoiceChanged>(new VoiceChangeResult(
            42, "marin", At, ChangeOutcome.Rejected, ChangeRejection.Superseded, "coral")),
        ReplyTo<BusinessVoiceChanged>(new ChangeRefused(
            42, RefusalError.InvalidMessage,
            [.. ContractRules.Check(new BusinessVoiceChanged(42, new string('x', 40), default)).Select(Broken)])),
        Audit(AuditEvent.BusinessStream(42), 1, new CallVoiceResolved
        {
            CallId = "CA-4711", BusinessId = 42, VoiceId = "ash", Source = VoiceSource.Default,
            Reason = VoiceReason.UnsupportedVoice, StoredVoiceId = "robot", StartedAt = At,
        }),
        Audit(AuditEvent.BusinessStream(42), 2, new BusinessVoiceUpdated
        {
            BusinessId = 42, PreviousVoiceId = "robot", VoiceId = "marin", ChangedAt = At, ChangedBy = "admin",
        }),
        Audit(AuditEvent.BusinessStream(42), 3, new BusinessVoiceChangeRejected
        {
            BusinessId = 42, VoiceId = "coral", Reason = ChangeRejection.Superseded, ChangedAt = At.AddMinutes(-1),
            ChangedBy = null,
        }),
        Audit(AuditEvent.SchemaStream, 1, new SchemaMigrated
        {
            Migration = "58_add_business_voice_id", Steps = ["AddColumn"], RowsBackfilled = 0, DurationMs = 37,
        }),
        Audit(AuditEvent.BusinessStream(42), 7, new HistoryLost
        {
            Lost =
            [
                new()
                {
                    EventId = Guid.Parse("019c1234-5678-7abc-8def-000000000006"), Sequence = 6,
                    Type = nameof(CallVoiceResolved), RecordedAgain = true,
                },
            ],
            IsComplete = true,
        }),
        Audit(AuditEvent.SealStream, 1, new TrailSealed
        {
            Events = 9_731, EventsInAll = 9_731, Streams = 412, Position = 9_731, PreviousRoot = new string('0', 64),
            Root = "d5fa2c4e1ed84c1a4b47cc7d2f3adf7d3c9ff0f1a4b8cdb31b1c0f3a1c1c74ae",
        }),
        Audit(AuditEvent.OperatorsStream, 1, new OperatorActed
        {
            Operator = "anna@host", Verb = "dead-letters replay",
            Filter = new Dictionary<string, string> { ["reason"] = "57014", ["limit"] = "100" },
            Counts = new Dictionary<string, long> { ["sent"] = 98, ["stay"] = 2 },
            Result = OperatorActResult.Incomplete, Note = "the database was slow",
        }),
    ];

    /// <summary>The record's name.</summary>
    public string Name => Example.GetType().Name;

    /// <summary>How it is written.</summary>
    public JsonTypeInfo Json => ContractsJson.Default.GetTypeInfo(Example.GetType())!;

    /// <summary>The example on the wire.</summary>
    public JsonNode ExampleJson => JsonSerializer.SerializeToNode(Example, Json)!;

    /// <summary>What answers this message.</summary>
    public IReadOnlyList<ContractMessage> Replies => [.. All.Where(reply => reply.Request == Example.GetType())];

    private static ContractMessage ReplyTo<TRequest>(object example) =>
        new(example, Exchange: null, Sender.Worker, typeof(TRequest));

    private static BrokenField Broken(BrokenRule rule) => new(rule.Field, rule.Explain());

    private static ContractMessage Audit(string stream, long sequence, AuditEvent auditEvent) => new(
        auditEvent with
        {
            EventId = Guid.Parse($"019c1234-5678-7abc-8def-{sequence:d12}"), Stream = stream, Sequence = sequence,
            OccurredAt = At.AddSeconds(sequence),
            Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        },
        Exchanges.OfAuditEvents[auditEvent.GetType()], Sender.Worker);
}
