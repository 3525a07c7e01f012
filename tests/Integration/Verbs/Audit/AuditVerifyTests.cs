using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>What somebody does to the database by hand is found and named.</summary>
public sealed class AuditVerifyTests(RecordedHistory history, TestServers servers)
    : IClassFixture<RecordedHistory>, IAsyncLifetime
{
    private LegacyDatabase Database { get; set; } = null!;

    public async ValueTask InitializeAsync() => Database = await history.CopyAsync();

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task What_a_worker_recorded_has_no_difference()
    {
        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify");
        var (jsonCode, json) = await VerbUnderTest.ReadAsync(servers, Database, "audit", "verify");

        Assert.Equal((0, "6 rows, 6 events (0 seals, 0 without a hash) and 0 in the outbox: 0 differences"), (code, output.Split('\n')[0]));
        Assert.Equal((0, 0, 6, true), (jsonCode, (int)json["count"]!, (int)json["events"]!, (bool)json["complete"]!));
    }

    [Fact]
    public async Task A_row_deleted_and_a_voice_altered_by_hand_are_found_and_named()
    {
        var deleted = await Database.ScalarAsync<Guid>("DELETE FROM voice.call_voice WHERE call_id = 'CA-2' RETURNING event_id");
        var altered = await Database.ScalarAsync<Guid>("UPDATE voice.call_voice SET voice_id = 'verse' WHERE call_id = 'CA-1' RETURNING event_id");

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify");
        var (jsonCode, json) = await VerbUnderTest.ReadAsync(servers, Database, "audit", "verify");

        Assert.Equal((9, 9), (code, jsonCode));
        Assert.Equal(
            [
                "5 rows, 6 events (0 seals, 0 without a hash) and 0 in the outbox: 2 differences",
                $"rowMissing: call CA-2 of business 7: the row of event {deleted} (business-7, 2) is missing in voice.call_voice",
                $"valueDiffers: call CA-1 of business 7: voiceId is \"verse\" in voice.call_voice and \"ash\" in event {altered} (business-7, 1)",
            ], output.Split('\n')[..3].Order(StringComparer.Ordinal));
        Assert.Equal(2, (int)json["count"]!);
        var difference = json["differences"]!.AsArray().Single(one => (string?)one!["kind"] == "valueDiffers")!;
        Assert.Equal((altered.ToString(), "business-7", 1), ((string?)difference["eventId"], (string?)difference["stream"], (int)difference["sequence"]!));
        Assert.Equal(
            """[{"name":"voiceId","recorded":"verse","event":"ash"}]""", difference["fields"]!.ToJsonString());
    }

    [Fact]
    public async Task It_says_what_it_compares_and_what_it_cannot_know()
    {
        var (_, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify");
        var (_, json) = await VerbUnderTest.ReadAsync(servers, Database, "audit", "verify");

        Assert.Matches("^Covered: .*the checkpoint.*\\.\nNot covered: dead letters, also those that were discarded; .*\\.$", output.Split('\n', 2)[1]);
        Assert.Contains("the checkpoint", json["covered"]!.AsArray().Select(one => (string?)one));
        Assert.Contains("what consumers did with events", json["notCovered"]!.AsArray().Select(one => (string?)one));
    }

    [Theory]
    [InlineData("DELETE FROM voice_audit.mt_events WHERE stream_id = 'business-7' AND version = 2",
        "sequenceBroken: stream business-7: sequence 2 is missing", "eventMissing: call CA-2 of business 7")]
    [InlineData("DELETE FROM voice_audit.mt_events WHERE stream_id = 'business-7' AND version = 4",
        "streamEndDiffers: stream business-7 has got 4 events, and the last that is there is 3",
        "eventMissing: change of business 7 to sage at 2026-01-31T09:09:00.000000Z")]
    [InlineData("DELETE FROM voice_audit.mt_streams WHERE id = 'business-8'", "eventMissing: call CA-3 of business 8")]
    [InlineData("UPDATE voice_audit.mt_events SET version = 9 WHERE stream_id = 'business-7' AND version = 4",
        "sequenceBroken: stream business-7: sequences 4 to 8 are missing", "streamEndDiffers: stream business-7 has got 4 events")]
    [InlineData("UPDATE voice_audit.mt_events SET data = data || '{\"voiceId\":\"nova\"}' WHERE data->>'callId' = 'CA-3'",
        "valueDiffers: call CA-3 of business 8: voiceId is \"ash\" in voice.call_voice and \"nova\"")]
    [InlineData("UPDATE voice_audit.mt_events SET data = data - 'voiceId' WHERE data->>'callId' = 'CA-3'", "eventUnreadable: event ")]
    [InlineData("UPDATE voice.business_voice_change SET changed_by = 'eve' WHERE voice_id = 'coral'",
        "valueDiffers: change of business 7 to coral at 2026-01-31T09:10:00.000000Z: changedBy is \"eve\"")]
    [InlineData("UPDATE voice.business_voice_change SET outcome = 'updated' WHERE voice_id = 'sage'", "valueDiffers: change of business 7 to sage", "type is ")]
    [InlineData("UPDATE voice.migration_run SET rows_backfilled = 5", "valueDiffers: migration 58_add_business_voice_id: rowsBackfilled is 5")]
    [InlineData("UPDATE voice.call_voice SET event_id = gen_random_uuid() WHERE call_id = 'CA-3'",
        "eventMissing: call CA-3 of business 8", "eventDoubled: call CA-3 of business 8")]
    [InlineData("UPDATE voice.call_voice SET event_id = (SELECT event_id FROM voice.call_voice WHERE call_id = 'CA-1') WHERE call_id = 'CA-3'",
        "rowDoubled: call CA-", "eventDoubled: call CA-3 of business 8")]
    [InlineData("INSERT INTO voice.outbox (event_id, stream, type, body) SELECT id, stream_id, 'CallVoiceResolved', data FROM voice_audit.mt_events WHERE data->>'callId' = 'CA-3'",
        "eventDoubled: event ")]
    [InlineData("ALTER TABLE voice.call_voice DROP CONSTRAINT call_voice_check; UPDATE voice.call_voice SET reason = 'whim' WHERE call_id = 'CA-3'",
        "rowUnreadable: call CA-3 of business 8: the row of event ", "in voice.call_voice is not what a row has to be: reason is \"whim\"")]
    [InlineData("ALTER TABLE voice.business_voice_change DROP CONSTRAINT business_voice_change_outcome_check; UPDATE voice.business_voice_change SET outcome = 'whim' WHERE voice_id = 'sage'",
        "rowUnreadable: change of business 7 to sage at 2026-01-31T09:09:00.000000Z: the row of event ", "outcome is \"whim\"")]
    [InlineData("UPDATE voice.relay_checkpoint SET published_seq = 4711", "checkpointImplausible: voice.relay_checkpoint is at 4711, beyond the last event")]
    public async Task Whatever_is_done_by_hand_is_told(string deed, params string[] told)
    {
        await Database.ExecuteAsync(deed);

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify");

        Assert.Equal(9, code);
        Assert.All(told, part => Assert.Contains(part, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_waits_in_the_outbox_and_what_is_recorded_meanwhile_is_no_difference()
    {
        await Database.ExecuteAsync("""
            WITH call AS (
                INSERT INTO voice.call_voice (call_id, business_id, started_at, voice_id, source, reason, event_id, decided_at)
                VALUES ('CA-9', 9, '2026-01-31T09:30:00Z', 'ash', 'business', 'businessVoice', gen_random_uuid(), '2026-01-31T09:30:01Z') RETURNING *)
            INSERT INTO voice.outbox (event_id, stream, type, body)
            SELECT event_id, 'business-9', 'CallVoiceResolved', json_build_object(
                'callId', call_id, 'businessId', 9, 'voiceId', 'ash', 'source', 'business', 'reason', 'businessVoice',
                'startedAt', '2026-01-31T09:30:00.000000Z', 'occurredAt', '2026-01-31T09:30:01.000000Z') FROM call
            """);

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify");

        Assert.Equal((0, "7 rows, 6 events (0 seals, 0 without a hash) and 1 in the outbox: 0 differences"), (code, output.Split('\n')[0]));
    }

    [Fact]
    public async Task A_worker_that_records_and_sequences_all_the_while_does_not_fool_it()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        using var enough = new CancellationTokenSource();
        var load = RecordUntilAsync(worker.Broker, enough.Token);
        var outputs = new List<string>();
        while (outputs.Count < 3)
            outputs.Add((await VerbUnderTest.RunAsync(servers, worker.Database, "audit", "verify")).Output);
        await enough.CancelAsync();
        await load;

        Assert.All(outputs, output => Assert.EndsWith(": 0 differences", output.Split('\n')[0], StringComparison.Ordinal));
        Assert.Equal(3, outputs.Distinct().Count());
    }

    private static async Task RecordUntilAsync(BrokerClient broker, CancellationToken enough)
    {
        for (var n = 0; !enough.IsCancellationRequested; n++)
            await broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-load-{n}", 1 + (n % 50)));
    }
}
