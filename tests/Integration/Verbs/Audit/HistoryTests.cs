using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Verbs.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>What is known of a business and of a call, for whoever has no terminal.</summary>
public sealed class HistoryTests(RecordedHistory history, TestServers servers) : IClassFixture<RecordedHistory>
{
    [Fact]
    public async Task An_entry_tells_voice_reason_who_when_and_which_change_decided()
    {
        await using var database = await history.CopyAsync();

        var rejected = (await ReadAsync(database, new() { Stream = "business-7", Sequences = new(4, 4) })).Entries.Single();
        var made = (await ReadAsync(database, new() { Stream = "business-7", Sequences = new(3, 3) })).Entries.Single();

        Assert.Equal(
            ("ada", "A later change already stood, so nothing was changed.", "2026-01-31T09:09:00", made.Stored.Event.EventId, AuditCause.OfRejected),
            (rejected.Who, rejected.InWords, rejected.ChangedAt?.ToString("s"), rejected.Cause!.EventId, rejected.Cause.Name));
        Assert.Equal(("coral", "The change was made.", "ada"), (made.VoiceId, made.InWords, made.Who));
        Assert.True(rejected.RecordedAt >= rejected.ChangedAt);
        Assert.Equal(rejected.TraceId, (string?)rejected.ToJson()["traceId"]);
        Assert.Equal(rejected.InWords, (string?)rejected.ToJson()["inWords"]);
    }

    [Fact]
    public async Task A_call_is_found_by_its_row_and_pages_follow_each_other()
    {
        await using var database = await history.CopyAsync();
        var callId = await database.ScalarAsync<string>("SELECT call_id FROM voice.call_voice WHERE business_id = 7 LIMIT 1");

        var call = await ReadAsync(database, new() { CallId = callId, NewestFirst = true });
        var none = await ReadAsync(database, new() { CallId = "CA-nobody" });
        var first = await ReadAsync(database, new() { Stream = "business-7" }, size: 2);
        var second = await ReadAsync(database, new() { Stream = "business-7" }, first.Page.Next, 2);

        Assert.Equal((7, 1), (call.RecordedFor, call.Entries.Count));
        Assert.StartsWith("The call got ", Assert.Single(call.Entries).InWords, StringComparison.Ordinal);
        Assert.Equal((null, 0, true), (none.RecordedFor, none.Entries.Count, none.Page.IsComplete));
        Assert.Equal([1L, 2, 3, 4], first.Entries.Concat(second.Entries).Select(entry => entry.Stored.Event.Sequence));
    }

    [Fact]
    public async Task A_business_whose_voice_differs_from_its_history_is_told_by_its_id()
    {
        await using var database = await history.CopyAsync();
        await using var connection = await database.OpenAsync();

        var before = await OutsideVoices.FindAsync(connection, 7, Token);
        await database.ExecuteAsync("UPDATE business SET voice_id = 'robot' WHERE id = 7");
        var outside = await OutsideVoices.FindAsync(connection, 7, Token);

        Assert.Null(before);
        Assert.Equal(("robot", "coral"), (outside!.StoredVoiceId, outside.RecordedVoiceId));
        Assert.Null(await OutsideVoices.FindAsync(connection, 999_999, Token));
        Assert.Equal(9, (await VerbUnderTest.RunAsync(servers, database, "audit", "verify")).Code);
    }

    private static async Task<HistoryPage> ReadAsync(LegacyDatabase database, AuditQuery query, long? after = null, int size = 50)
    {
        await using var connection = await database.OpenAsync();
        return await History.ReadPageAsync(connection, query, after, size, TimeSpan.FromMinutes(1), TimeProvider.System, Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
