using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>Which change is named as the one that set a call's voice or beat a rejected change.</summary>
public sealed class AuditCauseTests(RecordedHistory history, TestServers servers)
    : IClassFixture<RecordedHistory>, IAsyncLifetime
{
    private const string Removed = "retention has removed the events before sequence 4, up to 2026-01-31T10:00:00.000Z";

    private LegacyDatabase Database { get; set; } = null!;

    public async ValueTask InitializeAsync() => Database = await history.CopyAsync();

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task A_rejected_change_names_the_change_that_beat_it()
    {
        var winner = await EventIdAsync(3);

        var cause = await CauseOfAsync(4, "supersededBy");

        Assert.Equal(new(winner, 3, "coral", "2026-01-31T09:10:00.000000Z", "ada", null), cause);
        Assert.Contains(
            $"supersededBy: eventId {winner}; sequence 3; voiceId coral; changedAt 2026-01-31T09:10:00.000000Z; changedBy ada",
            await ShowAsync(4), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_winner_is_the_later_change_by_its_own_time_not_the_last_that_was_made()
    {
        await AppendAsync(3, 5, "{\"voiceId\":\"nova\",\"changedAt\":\"2026-01-31T09:08:00.000000Z\"}");
        await AppendAsync(4, 6, "{\"changedAt\":\"2026-01-31T09:09:30.000000Z\"}");

        Assert.Equal(3, (await CauseOfAsync(6, "supersededBy"))!.Sequence);
    }

    [Fact]
    public async Task The_voice_decides_at_one_instant_and_a_time_ahead_counts_as_of_its_record()
    {
        await AppendAsync(3, 5, "{\"voiceId\":\"nova\",\"changedAt\":\"2100-01-01T00:00:00.000000Z\",\"occurredAt\":\"2026-02-01T09:00:00.000000Z\"}");
        await AppendAsync(4, 6, "{\"voiceId\":\"echo\",\"changedAt\":\"2026-02-01T09:00:00.000000Z\",\"occurredAt\":\"2026-02-01T09:01:00.000000Z\"}");

        var cause = await CauseOfAsync(6, "supersededBy");

        Assert.Equal(5, cause!.Sequence);
        Assert.Equal("2100-01-01T00:00:00.000000Z", cause.ChangedAt);
    }

    [Fact]
    public async Task A_call_names_the_latest_change_before_it_and_only_when_that_set_its_voice()
    {
        await AppendAsync(1, 5, "{\"voiceId\":\"coral\"}");
        await AppendAsync(1, 6, "{\"voiceId\":\"verse\"}");
        await AppendAsync(1, 7, "{\"source\":\"default\",\"reason\":\"noVoice\"}");

        Assert.Equal(new(await EventIdAsync(3), 3, "coral", "2026-01-31T09:10:00.000000Z", "ada", null), await CauseOfAsync(5, "voiceSetBy"));
        Assert.Equal(new(null, null, null, null, null, "nothing recorded set it"), await CauseOfAsync(2, "voiceSetBy"));
        Assert.StartsWith(
            "nothing recorded set it: the latest change before, sequence 3, set coral; ",
            (await CauseOfAsync(6, "voiceSetBy"))!.Note, StringComparison.Ordinal);
        Assert.Equal(
            "no change: it is the default voice of the settings (noVoice)", (await CauseOfAsync(7, "voiceSetBy"))!.Note);
    }

    [Fact]
    public async Task Every_event_of_a_stream_is_explained_alike_in_both_directions()
    {
        for (var sequence = 5; sequence <= 12; sequence += 2)
        {
            await AppendAsync(3, sequence, $"{{\"voiceId\":\"voice-{sequence}\"}}");
            await AppendAsync(1, sequence + 1, $"{{\"voiceId\":\"voice-{sequence}\"}}");
        }

        var newest = await SettersAsync();
        var oldest = await SettersAsync("--oldest-first");

        Assert.Equal([11, 9, 7, 5, null, null], newest);
        Assert.Equal(newest.Reverse(), oldest);
    }

    [Fact]
    public async Task A_change_without_its_event_is_told_by_its_row_or_said_to_be_unknown()
    {
        var winner = await EventIdAsync(3);
        await Database.ExecuteAsync("""
            DELETE FROM voice_audit.mt_events WHERE stream_id = 'business-7' AND version < 4;
            UPDATE voice.retention SET removed_seq = 5, removed_until = '2026-01-31T10:00:00Z' WHERE store = 'audit'
            """);
        await AppendAsync(4, 5, "{\"voiceId\":\"coral\",\"source\":\"business\",\"reason\":\"businessVoice\",\"callId\":\"CA-9\",\"startedAt\":\"2026-01-31T11:00:00Z\"}", "call_voice_resolved");

        var beaten = await CauseOfAsync(4, "supersededBy");
        var call = await CauseOfAsync(5, "voiceSetBy");
        await Database.ExecuteAsync("DELETE FROM voice.business_voice_change");

        Assert.Equal(new(winner, null, "coral", "2026-01-31T09:10:00.000000Z", "ada", Removed), beaten);
        Assert.Equal(beaten, call);
        Assert.Equal(new(null, null, null, null, null, $"not known: {Removed}"), await CauseOfAsync(5, "voiceSetBy"));
    }

    [Fact]
    public async Task The_trace_of_an_event_is_told()
    {
        await Database.ExecuteAsync("""
            UPDATE voice_audit.mt_events SET headers = '{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}'
            WHERE stream_id = 'business-7' AND version = 1;
            UPDATE voice_audit.mt_events SET headers = NULL WHERE stream_id = 'business-7' AND version = 2
            """);

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", (string?)(await ReadAsync(1))["traceId"]);
        Assert.Contains("traceId: 0af7651916cd43dd8448eb211c80319c", await ShowAsync(1), StringComparison.Ordinal);
        Assert.Contains("traceId: -", await ShowAsync(2), StringComparison.Ordinal);
    }

    private async Task<Cause?> CauseOfAsync(int sequence, string name) =>
        (await ReadAsync(sequence))[name].Deserialize<Cause>(JsonSerializerOptions.Web);

    // Of calls, in the order in which they are shown.
    private async Task<int?[]> SettersAsync(params string[] order)
    {
        var (_, json) = await VerbUnderTest.ReadAsync(
            servers, Database, ["audit", "show", "--business", "7", "--type", "CallVoiceResolved", .. order]);
        return [.. json.AsArray().Select(one => (int?)one!["voiceSetBy"]!["sequence"])];
    }

    private async Task<JsonNode> ReadAsync(int sequence) => (await VerbUnderTest.ReadAsync(
        servers, Database, "audit", "show", "--business", "7", "--sequence", $"{sequence}")).Json.AsArray().Single()!;

    private async Task<string> ShowAsync(int sequence) => (await VerbUnderTest.RunAsync(
        servers, Database, "audit", "show", "--business", "7", "--sequence", $"{sequence}")).Output;

    private Task<Guid> EventIdAsync(int sequence) => Database.ScalarAsync<Guid>(
        $"SELECT id FROM voice_audit.mt_events WHERE stream_id = 'business-7' AND version = {sequence}");

    // As another event of the stream, with other fields.
    private Task AppendAsync(int like, int sequence, string fields, string? type = null) => Database.ExecuteAsync($"""
        INSERT INTO voice_audit.mt_events (seq_id, id, stream_id, version, data, type, mt_dotnet_type, tenant_id, timestamp)
        SELECT 1000 + {sequence}, gen_random_uuid(), stream_id, {sequence}, data || '{fields}'::jsonb,
               {(type is null ? "type" : $"'{type}'")}, mt_dotnet_type, tenant_id, now()
        FROM voice_audit.mt_events WHERE stream_id = 'business-7' AND version = {like}
        """);

    private sealed record Cause(Guid? EventId, int? Sequence, string? VoiceId, string? ChangedAt, string? ChangedBy, string? Note);
}
