using System.Text;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Verification;

namespace VoiceWorker.Tests.Unit.Verification;

public sealed class PairingTests
{
    private static readonly AuditHorizon Everything = new(Decisions: 0, Events: 0, EventsUntil: null, EventsRemoved: 0);
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly VerificationCounts _counts = new();
    private Guid? _other;

    [Fact]
    public async Task Rows_and_events_that_say_the_same_are_no_difference()
    {
        var calls = Enumerable.Range(1, 50).Select(Call).ToList();

        Assert.Empty(await CompareAsync(Everything, calls.Select(Row), calls.Select(Entry)));
        Assert.Equal((50, 50, 0), (_counts.Rows, _counts.Events, _counts.Waiting));
    }

    [Fact]
    public async Task What_has_no_counterpart_is_told_wherever_it_is()
    {
        var calls = Enumerable.Range(1, 9).Select(Call).ToList();

        var differences = await CompareAsync(
            Everything, calls.Where((_, n) => n is not (0 or 4 or 8)).Select(Row), calls.Where((_, n) => n is not (1 or 7)).Select(Entry));

        Assert.Equal(
            ["RowMissing CA-1", "EventMissing CA-2", "RowMissing CA-5", "EventMissing CA-8", "RowMissing CA-9"],
            differences.Select(one => $"{one.Kind} {one.Decision!.Split(' ')[1]}"));
    }

    [Fact]
    public async Task Fields_that_differ_are_named_with_both_values()
    {
        var row = Call(1) with { VoiceId = "coral", StoredVoiceId = null };

        var difference = Assert.Single(await CompareAsync(Everything, [Row(row)], [Entry(Call(1) with { StoredVoiceId = "hal" })]));

        Assert.Equal(DifferenceKind.ValueDiffers, difference.Kind);
        Assert.Equal([new FieldDifference("voiceId", "\"coral\"", "\"ash\""), new FieldDifference("storedVoiceId", null, "\"hal\"")], difference.Fields);
    }

    [Fact]
    public async Task Each_repeat_of_an_id_is_a_difference_on_either_side()
    {
        var call = Call(1);

        var differences = await CompareAsync(Everything, [Row(call), Row(Call(2) with { EventId = call.EventId })], [Entry(call), Entry(call), Entry(call)]);

        Assert.Equal([DifferenceKind.RowDoubled, DifferenceKind.EventDoubled, DifferenceKind.EventDoubled], differences.Select(one => one.Kind));
    }

    [Fact]
    public async Task An_event_of_a_call_that_is_recorded_with_another_event_is_one_too_many()
    {
        _other = Call(2).EventId;

        var difference = Assert.Single(await CompareAsync(Everything, [], [Entry(Call(1))]));

        Assert.Equal(DifferenceKind.EventDoubled, difference.Kind);
        Assert.Contains(_other.ToString()!, difference.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_were_removed_on_purpose_are_not_missed_and_later_ones_are()
    {
        var horizon = new AuditHorizon(Decisions: 3, Events: 0, EventsUntil: null, EventsRemoved: 0);

        var differences = await CompareAsync(horizon, [], Enumerable.Range(1, 5).Select(n => Entry(Call(n))));

        Assert.Equal(["CA-4", "CA-5"], differences.Select(one => one.Decision!.Split(' ')[1]));
    }

    [Fact]
    public async Task The_event_of_a_removed_row_is_no_extra_one_but_a_second_after_a_new_decision_is()
    {
        var horizon = new AuditHorizon(Decisions: 1, Events: 0, EventsUntil: null, EventsRemoved: 0);
        _other = Call(3).EventId;

        var difference = Assert.Single(await CompareAsync(horizon, [Row(Call(3))], [Entry(Call(1)), Entry(Call(2)), Entry(Call(3))]));

        Assert.Equal((DifferenceKind.EventDoubled, Call(2).EventId), (difference.Kind, difference.EventId));
    }

    [Fact]
    public async Task A_row_may_outlive_its_event_and_is_compared_while_the_event_is_still_there()
    {
        var horizon = new AuditHorizon(Decisions: 9, Events: 5, EventsUntil: Noon, EventsRemoved: 5);
        var standing = new BusinessVoiceUpdated
        {
            EventId = Guid.CreateVersion7(Noon), Stream = "business-1", OccurredAt = Noon, BusinessId = 1, PreviousVoiceId = null,
            VoiceId = "sage", ChangedAt = Noon, ChangedBy = null,
        };
        var migration = new SchemaMigrated
        {
            EventId = Guid.CreateVersion7(Noon), Stream = AuditEvent.SchemaStream, OccurredAt = Noon, Migration = "58", Steps = [],
            RowsBackfilled = 0, DurationMs = 1,
        };

        var differences = await CompareAsync(
            horizon,
            [Row(standing), Row(migration), Row(Call(1)), Row(standing with { EventId = Guid.CreateVersion7(Noon.AddMinutes(1)), OccurredAt = Noon.AddMinutes(1) })], []);
        Assert.Equal([DifferenceKind.EventMissing, DifferenceKind.EventMissing], differences.Select(one => one.Kind));

        var difference = Assert.Single(await CompareAsync(horizon, [Row(Call(1))], [Entry(Call(1) with { VoiceId = "nova" })]));
        Assert.Equal(DifferenceKind.ValueDiffers, difference.Kind);
    }

    [Fact]
    public async Task What_no_contract_can_read_is_told()
    {
        var broken = Entry(Call(1)) with { Body = """{"callId":1}""" };
        var unknown = Entry(Call(2)) with { Type = "call_voice_forgotten" };

        var differences = await CompareAsync(Everything, [Row(Call(1)), Row(Call(2))], [broken, unknown]);

        Assert.All(differences, one => Assert.Equal(DifferenceKind.EventUnreadable, one.Kind));
        Assert.Equal(2, differences.Count);
        Assert.Contains("is of the type call_voice_forgotten, which this version", differences[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_no_decision_can_be_is_told_with_and_without_an_event()
    {
        var rows = Enumerable.Range(1, 2).Select(n => new RecordedDecision("voice.call_voice", Call(n).EventId, Event: null, "source is \"elsewhere\""));

        var differences = await CompareAsync(Everything, rows, [Entry(Call(1))]);

        Assert.All(differences, one => Assert.Equal(DifferenceKind.RowUnreadable, one.Kind));
        Assert.Equal(["call CA-1 of business 7", $"event {Call(2).EventId}"], differences.Select(one => one.Decision));
    }

    private static CallVoiceResolved Call(int n) => new()
    {
        EventId = new Guid($"019c13ec-0000-7000-8000-{n:d12}"), Stream = "business-7", OccurredAt = Noon.AddSeconds(n), CallId = $"CA-{n}",
        BusinessId = 7, VoiceId = "ash", Source = VoiceSource.Business, Reason = VoiceReason.BusinessVoice, StartedAt = Noon,
    };

    private static RecordedDecision Row(AuditEvent recorded) => new("voice.call_voice", recorded.EventId, recorded);

    private static AuditEntry Entry(AuditEvent told)
    {
        var n = told is CallVoiceResolved call ? int.Parse(call.CallId[3..], System.Globalization.CultureInfo.InvariantCulture) : 1;
        return new(told.EventId, told.Stream, n, n, told.GetType().Name, Encoding.UTF8.GetString(AuditJson.Write(told)));
    }

    private Task<List<AuditDifference>> CompareAsync(AuditHorizon horizon, IEnumerable<RecordedDecision> rows, IEnumerable<AuditEntry> entries) =>
        new Pairing(horizon, _ => Task.FromResult(_other), _counts).CompareAsync(
            Sorted(rows, row => row.EventId), Sorted(entries, entry => entry.EventId),
            TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken).AsTask();

    private static IAsyncEnumerable<T> Sorted<T>(IEnumerable<T> some, Func<T, Guid> id) => some.OrderBy(id).ToAsyncEnumerable();
}
