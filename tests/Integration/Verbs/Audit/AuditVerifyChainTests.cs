using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>What somebody who owns the database does to the trail, with care that rows and events agree afterwards, is
/// found by hashes, and by seals that were kept elsewhere.</summary>
public sealed class AuditVerifyChainTests(RecordedHistory history, TestServers servers)
    : IClassFixture<RecordedHistory>, IAsyncLifetime
{
    // As thorough as somebody who knows the tables.
    private const string AlterVoice = """
        UPDATE voice_audit.mt_events SET data = data || '{"voiceId": "nova"}' WHERE data->>'callId' = 'CA-1';
        UPDATE voice.call_voice SET voice_id = 'nova' WHERE call_id = 'CA-1';
        """;

    private const string RemoveSecond = """
        DELETE FROM voice.call_voice WHERE call_id = 'CA-2';
        DELETE FROM voice_audit.mt_events WHERE data->>'callId' = 'CA-2';
        UPDATE voice_audit.mt_events SET version = version - 1 WHERE stream_id = 'business-7' AND version > 2;
        UPDATE voice_audit.mt_streams SET version = version - 1 WHERE id = 'business-7';
        """;

    private const string RemoveSeals = """
        DELETE FROM voice_audit.mt_events WHERE stream_id = 'seals';
        DELETE FROM voice_audit.mt_streams WHERE id = 'seals';
        """;

    private const string RewindCheckpoint =
        "UPDATE voice.relay_checkpoint SET published_seq = (SELECT max(seq_id) FROM voice_audit.mt_events);";

    private readonly string _file = Path.GetTempFileName();

    private LegacyDatabase Database { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await history.CopyAsync();
        await SealAsync();
    }

    public ValueTask DisposeAsync()
    {
        File.Delete(_file);
        return Database.DisposeAsync();
    }

    [Fact]
    public async Task What_nobody_has_touched_has_no_difference()
    {
        await KeepSealsAsync();

        var (code, json) = await VerbUnderTest.ReadAsync(servers, Database, "audit", "verify", "--seals", _file);

        Assert.Equal((0, 0), (code, (int)json["count"]!));
        Assert.Equal((7, 0, 1), ((int)json["hashed"]!, (int)json["unhashed"]!, (int)json["seals"]!));
    }

    [Theory]
    [InlineData(AlterVoice, "hashDiffers: stream business-7: the hash of event * with sequence 1 does not follow")]
    [InlineData(RemoveSecond, "hashDiffers: stream business-7: the hash of event * with sequence 2 does not follow")]
    [InlineData("""
        WITH two AS (SELECT seq_id, id, data, type, headers, 3 - version AS other FROM voice_audit.mt_events
                     WHERE stream_id = 'business-7' AND version < 3)
        UPDATE voice_audit.mt_events AS event SET id = two.id, data = two.data, type = two.type, headers = two.headers
        FROM two WHERE event.stream_id = 'business-7' AND event.version = two.other
        """, "hashDiffers: stream business-7: the hash of event * with sequence 1 does not follow")]
    [InlineData("UPDATE voice_audit.mt_events SET headers = headers - 'hash' WHERE stream_id = 'business-7' AND version IN (2, 3)",
        "hashMissing: stream business-7: event * with sequence 2 has no hash, and the one before has")]
    [InlineData("UPDATE voice_audit.mt_events SET headers = headers - 'hash' WHERE stream_id = 'business-7'", "sealDiffers: seal 1 ")]
    [InlineData("UPDATE voice_audit.mt_events SET data = jsonb_set(data, '{eventsInAll}', '5') WHERE stream_id = 'seals'",
        "sealDiffers: seal 1 ", "hashDiffers: stream seals: the hash of event * with sequence 1 does not follow")]
    public async Task A_careful_hand_is_found_by_the_hashes(string deed, params string[] told)
    {
        await Database.ExecuteAsync(deed);

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify");

        Assert.Equal(9, code);
        foreach (var one in told)
            Assert.Matches(one.Replace("*", "[-0-9a-f]{36}", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task One_altered_event_is_one_difference_however_long_its_stream_goes_on()
    {
        await Database.ExecuteAsync(AlterVoice);

        var (_, json) = await VerbUnderTest.ReadAsync(servers, Database, "audit", "verify");

        var difference = Assert.Single(json["differences"]!.AsArray())!;
        Assert.Equal(
            ("hashDiffers", "business-7", 1),
            ((string?)difference["kind"], (string?)difference["stream"], (int)difference["sequence"]!));
    }

    [Fact]
    public async Task Who_computes_all_hashes_anew_is_found_by_the_seal()
    {
        await Database.ExecuteAsync(AlterVoice);
        await Database.RenewHashesAsync();

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify");

        Assert.Equal(9, code);
        Assert.StartsWith("sealDiffers: seal 1 ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_computes_the_seals_anew_too_is_found_by_a_seal_that_was_kept()
    {
        await KeepSealsAsync();
        await Database.ExecuteAsync(AlterVoice + RemoveSeals);
        await Database.RenewHashesAsync();
        await SealAsync();
        Assert.Equal(0, (await VerbUnderTest.RunAsync(servers, Database, "audit", "verify")).Code);

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify", "--seals", _file);

        Assert.Equal(9, code);
        Assert.Matches("^sealDiffers: seal 1 .*, which was kept, is another one in the store", output);
    }

    [Fact]
    public async Task An_end_cut_off_with_all_that_tells_of_it_is_found_by_a_seal_that_was_kept()
    {
        await KeepSealsAsync();
        await Database.ExecuteAsync("""
            DELETE FROM voice.call_voice WHERE call_id = 'CA-3';
            DELETE FROM voice_audit.mt_events WHERE stream_id = 'business-8';
            DELETE FROM voice_audit.mt_streams WHERE id = 'business-8';
            """ + RemoveSeals + RewindCheckpoint);
        Assert.Equal(0, (await VerbUnderTest.RunAsync(servers, Database, "audit", "verify")).Code);

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify", "--seals", _file);

        Assert.Equal(9, code);
        Assert.Matches("^sealMissing: seal 1 .*, which was kept, is not in the store: 6 events were sealed", output);
    }

    // The owner of the database can write a HistoryLost too, and says what retention removed.
    [Theory]
    [InlineData("""
        INSERT INTO voice_audit.mt_events (seq_id, id, stream_id, version, type, timestamp, data)
        SELECT nextval('voice_audit.mt_events_sequence'), gen_random_uuid(), 'seals', 1, 'history_lost', now(), jsonb_build_object(
            'isComplete', true, 'occurredAt', '2026-11-27T12:00:00Z', 'lost', jsonb_build_array(jsonb_build_object(
                'eventId', 'SEAL', 'sequence', 1, 'type', 'TrailSealed', 'recordedAgain', false)))
        """, "^sealMissing: seal 1 .*, which was kept, is not in the store")]
    [InlineData(
        "INSERT INTO voice.removed_head (stream, version) VALUES ('seals', 99)",
        "^sealMissing: seal 1 .*, the latest that was kept, cannot be compared: the database says that retention has removed all seals up to 99")]
    public async Task Nothing_that_the_database_says_excuses_all_seals_that_were_kept(string excuse, string difference)
    {
        await KeepSealsAsync();
        var seal = await Database.ScalarAsync<Guid>("SELECT id FROM voice_audit.mt_events WHERE stream_id = 'seals'");
        await Database.ExecuteAsync(RemoveSeals + excuse.Replace("SEAL", $"{seal}", StringComparison.Ordinal));

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify", "--seals", _file);

        Assert.Equal(9, code);
        Assert.Contains(output.Split('\n'), line => Regex.IsMatch(line, difference));
    }

    [Fact]
    public async Task A_seal_that_a_kept_HistoryLost_names_as_lost_for_good_is_not_missed()
    {
        await KeepSealsAsync();
        var lost = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var seal = (await File.ReadAllLinesAsync(_file, Token)).Single(line => line.Contains("\"root\"", StringComparison.Ordinal));
        var other = JsonNode.Parse(seal)!;
        (other["eventId"], other["sequence"]) = (lost, 2);
        await File.AppendAllLinesAsync(_file, [other.ToJsonString()], Token);
        var (before, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify", "--seals", _file);
        await File.AppendAllLinesAsync(_file,
            [$$"""{"stream":"seals","sequence":3,"isComplete":true,"lost":[{"eventId":"{{lost}}","sequence":2,"type":"TrailSealed","recordedAgain":false}]}"""], Token);

        var (after, json) = await VerbUnderTest.ReadAsync(servers, Database, "audit", "verify", "--seals", _file);

        Assert.Equal(9, before);
        Assert.StartsWith("sealMissing: seal 2 ", output, StringComparison.Ordinal);
        Assert.Equal((0, 1), (after, (int)json["keptCompared"]!));
    }

    [Fact]
    public async Task A_HistoryLost_in_the_stream_of_kept_seals_is_passed_over()
    {
        await KeepSealsAsync();
        await File.AppendAllLinesAsync(_file, ["""{"stream":"seals","sequence":2,"lost":[],"isComplete":true}"""], Token);

        Assert.Equal(0, (await VerbUnderTest.RunAsync(servers, Database, "audit", "verify", "--seals", _file)).Code);
    }

    [Theory]
    [InlineData("no JSON", "line 1 is not an audit event")]
    [InlineData("""{"stream":"business-7"}""", "it has no TrailSealed event")]
    public async Task A_file_that_has_no_seals_is_refused(string line, string reason)
    {
        await File.WriteAllTextAsync(_file, line, Token);

        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "audit", "verify", "--seals", _file);

        Assert.Equal((2, $"--seals {_file} cannot be used: {reason}."), (code, output));
    }

    [Fact]
    public async Task A_database_of_an_earlier_version_goes_on_and_the_trail_says_where_hashes_begin()
    {
        await Database.ExecuteAsync($$"""
            {{RemoveSeals}}
            UPDATE voice_audit.mt_events SET headers = nullif(headers - 'hash', '{}');
            DROP TABLE voice.removed_head;
            DELETE FROM voice.schema_history WHERE name IN ('006_chain', '010_seals');
            """);
        await MigrateAsync();
        await MigrateAsync();
        await Database.ExecuteAsync("GRANT SELECT ON voice.removed_head TO PUBLIC");
        await SequenceAsync();
        await SealAsync();

        var (code, json) = await VerbUnderTest.ReadAsync(servers, Database, "audit", "verify");

        Assert.Equal((0, 0), (code, (int)json["count"]!));
        Assert.Equal((2, 6, 1), ((int)json["hashed"]!, (int)json["unhashed"]!, (int)json["seals"]!));
        Assert.Equal("chain BeginChain", await Database.ScalarAsync<string>("""
            SELECT concat_ws(' ', data->>'migration', data->'steps'->>0) FROM voice_audit.mt_events
            WHERE headers->>'hash' IS NOT NULL AND stream_id = 'schema'
            """));
    }

    private async Task MigrateAsync()
    {
        await using var migrator = new MigratorUnderTest(Database.ConnectionString);
        await migrator.ApplyAsync();
    }

    private async Task KeepSealsAsync()
    {
        var (_, json) = await VerbUnderTest.ReadAsync(servers, Database, "audit", "list", "--limit", "0");
        await File.WriteAllLinesAsync(_file, json.AsArray().Select(one => one!.ToJsonString()), Token);
    }

    private Task SealAsync() => OnStoreAsync(async (store, session) =>
    {
        var (last, _, _) = await SealWriter.ReadAsync(session, 100, Token);
        Assert.NotNull(await new SealWriter(store).SealAsync(session, last, TimeProvider.System.GetUtcNow(), Token));
    });

    private Task SequenceAsync() => OnStoreAsync(async (store, session) =>
        Assert.Single(await new Sequencer(store).SequenceAsync(session, 0, 10, advanceAlone: false, Token)));

    private async Task OnStoreAsync(Func<EventStore, NpgsqlConnection, Task> act)
    {
        await using var connections = new PostgresConnections(Database.ConnectionString, "public");
        await using var store = new EventStore(connections);
        await using var session = await connections.OpenAsync(Token);
        await act(store, session);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
