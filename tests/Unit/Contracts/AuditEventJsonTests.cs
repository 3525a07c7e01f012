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
