using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Retention;
using Xunit;

namespace VoiceWorker.Tests.Integration.Retention;

/// <summary>What goes by age, and what does not.</summary>
public sealed class RetentionTests(TestServers servers)
{
    private static readonly DateTimeOffset Spring = new(2026, 3, 1, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task Calls_and_events_beyond_their_windows_go_and_the_horizons_say_how_far()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await RecordedPast.AddCallsAsync(past.Database, calls: 1_000, days: 10);

        var decisions = await past.RemoveAsync(RetentionStore.Decisions, keepDays: 5, page: 70);
        var events = await past.RemoveAsync(RetentionStore.Audit, keepDays: 7.5, page: 70);

        Assert.InRange(decisions, 498, 502);
        Assert.InRange(events, 248, 252);
        Assert.Equal("", await DifferencesAsync(past));
        Assert.Equal((decisions, events), ((await past.HorizonAsync(RetentionStore.Decisions)).RemovedRows, (await past.HorizonAsync(RetentionStore.Audit)).RemovedRows));
        var kept = await past.Database.ScalarAsync<DateTime>(
            "SELECT min(timestamp) FROM voice_audit.mt_events WHERE seq_id > (SELECT removed_seq FROM voice.retention WHERE store = 'decisions')");
        Assert.True((await past.HorizonAsync(RetentionStore.Decisions)).RemovedUntil < kept);
        Assert.Equal((0, 0), (await past.RemoveAsync(RetentionStore.Decisions, keepDays: 5.1), await past.RemoveAsync(RetentionStore.Audit, keepDays: 7.6)));
    }

    [Fact]
    public async Task Sequences_go_on_after_all_events_of_a_stream_have_been_removed()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await past.RecordAsync(Call("CA-1"), Call("CA-2"));
        await past.PublishAsync();
        await past.SealAsync();
        await RecordedPast.AgeAsync(past.Database, days: 3);

        Assert.Equal(2, await past.RemoveAsync(RetentionStore.Decisions, keepDays: 2));
        Assert.Equal(3, await past.RemoveAsync(RetentionStore.Audit, keepDays: 2));
        await past.RecordAsync(Call("CA-3"), Call("CA-1"));
        var next = await past.PublishAsync();

        Assert.Equal([3L, 4L], next.Select(stored => stored.Event.Sequence));
        Assert.Equal(next, await EventStore.ReadAfterAsync(past.Session, 0, 100, TestContext.Current.CancellationToken));
        // What a reconciliation may count on: versions of all streams = events that are there + events that were removed.
        Assert.True(await past.Database.ScalarAsync<bool>("""
            SELECT sum(version) = (SELECT count(*) FROM voice_audit.mt_events) + (SELECT removed_rows FROM voice.retention WHERE store = 'audit')
            FROM voice_audit.mt_streams
            """));
    }

    [Fact]
    public async Task What_is_not_published_or_not_sequenced_stays_however_old_it_is()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await past.RecordAsync(Call("CA-published"));
        await past.PublishAsync();
        await past.SealAsync();
        await past.RecordAsync(Call("CA-sequenced"));
        await past.SequenceAsync();
        await RecordedPast.AgeAsync(past.Database, days: 30);
        await past.RecordAsync(Call("CA-recorded"));
        await past.Database.ExecuteAsync(
            "UPDATE voice.call_voice SET decided_at = decided_at - interval '30 days'; UPDATE voice.outbox SET created_at = created_at - interval '30 days'");

        Assert.Equal(1, await past.RemoveAsync(RetentionStore.Decisions, keepDays: 1));
        Assert.Equal(2, await past.RemoveAsync(RetentionStore.Audit, keepDays: 1));

        Assert.Equal("CA-recorded, CA-sequenced", await CallsAsync(past));
        Assert.Equal(1, await past.Database.ScalarAsync<long>("SELECT count(*) FROM voice_audit.mt_events"));
    }

    [Fact]
    public async Task An_event_stays_while_the_decision_that_it_tells_of_is_there()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await RecordedPast.AddCallsAsync(past.Database, calls: 100, days: 10);

        Assert.Equal(0, await past.RemoveAsync(RetentionStore.Audit, keepDays: 1));
        await past.RemoveAsync(RetentionStore.Decisions, keepDays: 5);
        await past.RemoveAsync(RetentionStore.Audit, keepDays: 1);

        Assert.Equal((await past.HorizonAsync(RetentionStore.Decisions)).RemovedSeq, (await past.HorizonAsync(RetentionStore.Audit)).RemovedSeq);
        Assert.Equal("", await DifferencesAsync(past));
    }

    [Fact]
    public async Task The_change_that_stands_is_kept_however_old_until_a_later_one_is_old_too()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await ChangeAsync(past, Spring, "coral", null);
        await ChangeAsync(past, Spring.AddMicroseconds(1), "echo", null);
        await ChangeAsync(past, Spring.AddDays(1), "sage", null);
        await ChangeAsync(past, Spring.AddHours(1), "nova", ChangeRejection.Superseded);
        await ChangeAsync(past, Spring.AddDays(2), "hal9000", ChangeRejection.UnsupportedVoice);
        await past.PublishAsync();
        await past.SealAsync();
        await RecordedPast.AgeAsync(past.Database, days: 3);

        Assert.Equal(4, await past.RemoveAsync(RetentionStore.Decisions, keepDays: 2, page: 2));
        Assert.Equal("sage", await ChangesAsync(past));
        Assert.Equal(6, await past.RemoveAsync(RetentionStore.Audit, keepDays: 2));
        await ChangeAsync(past, Spring.AddHours(2), "alloy", ChangeRejection.Superseded);
        await ChangeAsync(past, Spring.AddDays(3), "verse", null);
        await past.PublishAsync();
        Assert.Equal(0, await past.RemoveAsync(RetentionStore.Decisions, keepDays: 2));
        await RecordedPast.AgeAsync(past.Database, days: 3);

        Assert.Equal(2, await past.RemoveAsync(RetentionStore.Decisions, keepDays: 2));
        Assert.Equal("verse", await ChangesAsync(past));
        Assert.Equal("verse", await past.Database.ScalarAsync<string>("SELECT voice_id FROM business WHERE id = 1"));
    }

    [Fact]
    public async Task A_call_that_was_decided_anew_is_not_taken_for_the_one_that_was_removed()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await past.RecordAsync(Call("CA-1"));
        await past.PublishAsync();
        await RecordedPast.AgeAsync(past.Database, days: 3);
        await past.RemoveAsync(RetentionStore.Decisions, keepDays: 2);
        await past.RecordAsync(Call("CA-1"));
        // As somebody might do who wants it to look again.
        await past.Database.ExecuteAsync("UPDATE voice.retention SET removed_seq = 0");

        Assert.Equal(0, await past.RemoveAsync(RetentionStore.Decisions, keepDays: 2));
        Assert.Equal("CA-1", await CallsAsync(past));
    }

    [Fact]
    public async Task A_clock_ahead_or_a_window_too_short_removes_nothing_younger_than_a_day()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await RecordedPast.AddCallsAsync(past.Database, calls: 100, days: 2);

        var removal = await RetentionTable.RemoveAsync(
            past.Session, RetentionStore.Decisions, TimeSpan.Zero, TimeProvider.System.GetUtcNow().AddYears(10), 1_000, TestContext.Current.CancellationToken);
        var behind = await RetentionTable.RemoveAsync(
            past.Session, RetentionStore.Audit, TimeSpan.FromDays(1), TimeProvider.System.GetUtcNow().AddDays(-10), 1_000, TestContext.Current.CancellationToken);

        Assert.InRange(removal.Removed, 49, 50);
        Assert.Equal(default, behind);
        Assert.True(await past.Database.ScalarAsync<bool>("SELECT min(decided_at) > now() - interval '25 hours' FROM voice.call_voice"));
    }

    [Fact]
    public async Task Of_two_that_remove_at_once_the_second_finds_nothing_to_do_and_waits_for_nobody()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await RecordedPast.AddCallsAsync(past.Database, calls: 100, days: 10);
        await using var other = await past.Database.OpenAsync();
        await using var removing = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var lockRow = new Npgsql.NpgsqlCommand("SELECT FROM voice.retention FOR UPDATE", other);
        await lockRow.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await past.RemoveAsync(RetentionStore.Decisions, keepDays: 1));
        await removing.RollbackAsync(TestContext.Current.CancellationToken);
        Assert.InRange(await past.RemoveAsync(RetentionStore.Decisions, keepDays: 1), 88, 91);
    }

    private static async Task ChangeAsync(RetentionFixture past, DateTimeOffset changedAt, string voiceId, ChangeRejection? expected) =>
        Assert.Equal(expected, await past.RecordAsync(new BusinessVoiceChanged(1, voiceId, changedAt)));

    private static CallStarted Call(string callId) => new(callId, 1, Spring);

    /// <summary>Decisions and events that are there and should not be, or the other way round, by the horizons.</summary>
    internal static Task<string> DifferencesAsync(RetentionFixture past) => DifferencesAsync(past.Database);

    /// <summary>The same, of any database whose calls are those of <see cref="RecordedPast"/>.</summary>
    internal static Task<string> DifferencesAsync(LegacyDatabase database) => database.ScalarAsync<string>("""
        WITH horizon AS (SELECT max(removed_seq) FILTER (WHERE store = 'decisions') AS decisions,
                                max(removed_seq) FILTER (WHERE store = 'audit') AS audit FROM voice.retention)
        SELECT concat_ws('; ',
            (SELECT 'decisions of events that are kept are missing: ' || count(*) FROM voice_audit.mt_events AS e, horizon
             WHERE e.type = 'call_voice_resolved' AND e.seq_id > horizon.decisions
               AND NOT EXISTS (SELECT FROM voice.call_voice WHERE event_id = e.id) HAVING count(*) > 0),
            (SELECT 'decisions up to the horizon are left: ' || count(*) FROM voice_audit.mt_events AS e, horizon
             WHERE e.type = 'call_voice_resolved' AND e.seq_id <= horizon.decisions
               AND EXISTS (SELECT FROM voice.call_voice WHERE event_id = e.id) HAVING count(*) > 0),
            (SELECT 'decisions without an event: ' || count(*) FROM voice.call_voice AS c
             WHERE NOT EXISTS (SELECT FROM voice_audit.mt_events WHERE id = c.event_id)
               AND NOT EXISTS (SELECT FROM voice.outbox WHERE event_id = c.event_id) HAVING count(*) > 0),
            (SELECT 'events up to the horizon are left: ' || count(*) FROM voice_audit.mt_events AS e, horizon
             WHERE e.seq_id <= horizon.audit HAVING count(*) > 0),
            (SELECT 'versions, events and removed events do not add up' WHERE
             (SELECT sum(version) FROM voice_audit.mt_streams) <> (SELECT count(*) FROM voice_audit.mt_events)
                + (SELECT removed_rows FROM voice.retention WHERE store = 'audit')))
        """);

    private static Task<string> CallsAsync(RetentionFixture past) =>
        past.Database.ScalarAsync<string>("SELECT string_agg(call_id, ', ' ORDER BY call_id) FROM voice.call_voice");

    private static Task<string> ChangesAsync(RetentionFixture past) =>
        past.Database.ScalarAsync<string>("SELECT string_agg(voice_id, ', ' ORDER BY changed_at) FROM voice.business_voice_change");
}
