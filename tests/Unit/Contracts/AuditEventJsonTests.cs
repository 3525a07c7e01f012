using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using static VoiceWorker.Tests.Unit.Contracts.MessageJsonTests;

namespace VoiceWorker.Tests.Unit.Contracts;

/// <summary>The approved text of every audit event. A change here breaks somebody's program.</summary>
public sealed class AuditEventJsonTests
{
    private const string Common =
        """
        "eventId":"019c1234-5678-7abc-8def-0123456789ab","stream":"business-42","sequence":7,"occurredAt":"2026-01-31T09:30:01.000000Z"
        """;

    private static readonly Guid Id = Guid.Parse("019c1234-5678-7abc-8def-0123456789ab");
    private static readonly DateTimeOffset At = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public void CallVoiceResolved_with_its_own_voice_has_no_storedVoiceId() => AssertApproved(
        $$"""{{{Common}},"callId":"CA1","businessId":42,"voiceId":"coral","source":"business","reason":"businessVoice","startedAt":"2026-01-31T09:30:00.000000Z"}""",
        Resolved("coral", VoiceSource.Business, VoiceReason.BusinessVoice, stored: null),
        ContractsJson.Default.CallVoiceResolved);

    [Fact]
    public void CallVoiceResolved_with_the_default_tells_the_voice_that_was_not_used() => AssertApproved(
        $$"""{{{Common}},"callId":"CA1","businessId":42,"voiceId":"ash","source":"default","reason":"unsupportedVoice","storedVoiceId":"robot","startedAt":"2026-01-31T09:30:00.000000Z"}""",
        Resolved("ash", VoiceSource.Default, VoiceReason.UnsupportedVoice, stored: "robot"),
        ContractsJson.Default.CallVoiceResolved);

    [Fact]
    public void BusinessVoiceUpdated_is_approved() => AssertApproved(
        $$"""{{{Common}},"businessId":42,"previousVoiceId":null,"voiceId":"coral","changedAt":"2026-01-31T09:30:00.000000Z","changedBy":null}""",
        new BusinessVoiceUpdated
        {
            EventId = Id, Stream = "business-42", Sequence = 7, OccurredAt = At.AddSeconds(1),
            BusinessId = 42, PreviousVoiceId = null, VoiceId = "coral", ChangedAt = At, ChangedBy = null,
        },
        ContractsJson.Default.BusinessVoiceUpdated);

    [Fact]
    public void Changes_after_a_change_outside_say_so()
    {
        AssertApproved(
            $$"""{{{Common}},"businessId":42,"previousVoiceId":"sage","voiceId":"coral","changedAt":"2026-01-31T09:30:00.000000Z","changedBy":null,"changedOutside":true}""",
            new BusinessVoiceUpdated
            {
                EventId = Id, Stream = "business-42", Sequence = 7, OccurredAt = At.AddSeconds(1), BusinessId = 42,
                PreviousVoiceId = "sage", VoiceId = "coral", ChangedAt = At, ChangedBy = null, ChangedOutside = true,
            },
            ContractsJson.Default.BusinessVoiceUpdated);
        AssertApproved(
            $$"""{{{Common}},"businessId":42,"voiceId":"coral","reason":"superseded","changedAt":"2026-01-31T09:30:00.000000Z","changedBy":null,"changedOutside":true}""",
            new BusinessVoiceChangeRejected
            {
                EventId = Id, Stream = "business-42", Sequence = 7, OccurredAt = At.AddSeconds(1), BusinessId = 42,
                VoiceId = "coral", Reason = ChangeRejection.Superseded, ChangedAt = At, ChangedBy = null,
                ChangedOutside = true,
            },
            ContractsJson.Default.BusinessVoiceChangeRejected);
    }

    [Fact]
    public void BusinessVoiceChangeRejected_is_approved() => AssertApproved(
        $$"""{{{Common}},"businessId":42,"voiceId":"coral","reason":"superseded","changedAt":"2026-01-31T09:30:00.000000Z","changedBy":"admin"}""",
        new BusinessVoiceChangeRejected
        {
            EventId = Id, Stream = "business-42", Sequence = 7, OccurredAt = At.AddSeconds(1),
            BusinessId = 42, VoiceId = "coral", Reason = ChangeRejection.Superseded, ChangedAt = At, ChangedBy = "admin",
        },
        ContractsJson.Default.BusinessVoiceChangeRejected);

    [Fact]
    public void SchemaMigrated_is_approved() => AssertApproved(
        """{"eventId":"019c1234-5678-7abc-8def-0123456789ab","stream":"schema","sequence":1,"occurredAt":"2026-01-31T09:30:00.000000Z","migration":"58_add_business_voice_id","steps":["SetDefault","Backfill"],"rowsBackfilled":5000000000,"durationMs":37000}""",
        new SchemaMigrated
        {
            EventId = Id, Stream = AuditEvent.SchemaStream, Sequence = 1, OccurredAt = At,
            Migration = "58_add_business_voice_id", Steps = ["SetDefault", "Backfill"],
            RowsBackfilled = 5_000_000_000, DurationMs = 37_000,
        },
        ContractsJson.Default.SchemaMigrated);

    [Fact]
    public void HistoryLost_is_approved() => AssertApproved(
        $$"""{{{Common}},"lost":[{"eventId":"019c1234-5678-7abc-8def-0123456789ab","sequence":6,"type":"CallVoiceResolved","recordedAgain":true}],"isComplete":true}""",
        new HistoryLost
        {
            EventId = Id, Stream = "business-42", Sequence = 7, OccurredAt = At.AddSeconds(1),
            Lost = [new() { EventId = Id, Sequence = 6, Type = nameof(CallVoiceResolved), RecordedAgain = true }],
            IsComplete = true,
        },
        ContractsJson.Default.HistoryLost);

    [Fact]
    public void TrailSealed_is_approved() => AssertApproved(
        """{"eventId":"019c1234-5678-7abc-8def-0123456789ab","stream":"seals","sequence":2,"occurredAt":"2026-01-31T09:30:00.000000Z","events":3,"eventsInAll":5,"streams":2,"position":8,"previousRoot":"00","root":"0a"}""",
        new TrailSealed
        {
            EventId = Id, Stream = AuditEvent.SealStream, Sequence = 2, OccurredAt = At,
            Events = 3, EventsInAll = 5, Streams = 2, Position = 8, PreviousRoot = "00", Root = "0a",
        },
        ContractsJson.Default.TrailSealed);

    [Fact]
    public void A_hash_comes_last() => AssertApproved(
        $$"""{{{Common}},"callId":"CA1","businessId":42,"voiceId":"coral","source":"business","reason":"businessVoice","startedAt":"2026-01-31T09:30:00.000000Z","hash":"0a"}""",
        Resolved("coral", VoiceSource.Business, VoiceReason.BusinessVoice, stored: null) with { Hash = "0a" },
        ContractsJson.Default.CallVoiceResolved);

    [Fact]
    public void OperatorActed_is_approved() => AssertApproved(
        """{"eventId":"019c1234-5678-7abc-8def-0123456789ab","stream":"operators","sequence":7,"occurredAt":"2026-01-31T09:30:00.000000Z","operator":"anna@host","verb":"dead-letters replay","filter":{"reason":"57014","all":"true"},"counts":{"sent":5000000000,"stay":0},"result":"done","note":null}""",
        new OperatorActed
        {
            EventId = Id, Stream = AuditEvent.OperatorsStream, Sequence = 7, OccurredAt = At, Operator = "anna@host",
            Verb = "dead-letters replay", Filter = new Dictionary<string, string> { ["reason"] = "57014", ["all"] = "true" },
            Counts = new Dictionary<string, long> { ["sent"] = 5_000_000_000, ["stay"] = 0 },
            Result = OperatorActResult.Done, Note = null,
        },
        ContractsJson.Default.OperatorActed);

    [Fact]
    public void Every_audit_event_has_an_exchange_named_after_it() => Assert.All(
        typeof(AuditEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(AuditEvent))),
        type => Assert.Equal(type.Name, Exchanges.OfAuditEvents[type].Replace("-", "", StringComparison.Ordinal), ignoreCase: true));

    private static CallVoiceResolved Resolved(string voice, VoiceSource source, VoiceReason reason, string? stored) => new()
    {
        EventId = Id, Stream = AuditEvent.BusinessStream(42), Sequence = 7, OccurredAt = At.AddSeconds(1),
        CallId = "CA1", BusinessId = 42, VoiceId = voice, Source = source, Reason = reason, StoredVoiceId = stored,
        StartedAt = At,
    };
}
