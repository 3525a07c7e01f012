using VoiceWorker.Boot;
using VoiceWorker.Contracts;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.Verbs.Voice;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Operators;

/// <summary><c>voice set</c> in all its outcomes. It runs as the role of the worker.</summary>
public sealed class VoiceSetTests(TestServers servers) : IAsyncLifetime
{
    private static readonly string ChangedBy = $"operator:{Environment.UserName}@{Environment.MachineName}";

    private LegacyDatabase Database { get; set; } = null!;

    public async ValueTask InitializeAsync() => Database = await servers.Migrated.CopyAsync();

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task A_voice_is_changed_and_recorded_with_who_did_it_in_one_transaction()
    {
        var set = await SetAsync("--business", "2", "--voice", " Sage", "--note", "asked by phone");

        Assert.Equal((0, "business 2: voice ash became sage"), set);
        Assert.Equal("sage", await VoiceAsync(2));
        Assert.Equal(
            $"updated ash sage {ChangedBy} t",
            await Database.ScalarAsync<string>("""
                SELECT concat_ws(' ', outcome, previous_voice_id, voice_id, changed_by, decided_at - changed_at < interval '1 minute')
                FROM voice.business_voice_change
                """));
        Assert.Equal(
            ["""voice set {"voice": " Sage", "business": "2"} {"updated": 1, "rejected": 0} done asked by phone"""],
            await RecordedActs.ReadAsync(Database));
        Assert.Equal(1, await Database.ScalarAsync<long>("""
            SELECT count(DISTINCT transaction::text) FROM (
                SELECT xmin FROM business WHERE id = 2 UNION ALL SELECT xmin FROM voice.business_voice_change
                UNION ALL SELECT xmin FROM voice.operator_action UNION ALL SELECT xmin FROM voice.outbox WHERE type <> 'SchemaMigrated')
                AS written (transaction)
            """));
        Assert.Equal(0, (await VerbUnderTest.RunAsync(servers, Database, "audit", "verify")).Code);
    }

    [Fact]
    public async Task A_voice_that_was_altered_by_hand_is_repaired_and_the_event_has_what_was_found()
    {
        await SetAsync("--business", "1", "--voice", "sage");
        await Database.ExecuteAsync("UPDATE business SET voice_id = 'robot' WHERE id = 1");

        var (code, json) = await VerbUnderTest.ReadAsync(servers, Database, "voice", "set", "--business", "1", "--voice", "sage");

        Assert.Equal((0, "sage"), (code, await VoiceAsync(1)));
        Assert.Equal(
            ("robot", "sage", "updated", "sage", ChangedBy),
            ((string?)json["previousVoiceId"], (string?)json["voiceId"], (string?)json["outcome"], (string?)json["standingVoiceId"], (string?)json["changedBy"]));
        Assert.Equal("robot sage true", await Database.ScalarAsync<string>("""
            SELECT concat_ws(' ', body->>'previousVoiceId', body->>'voiceId', body->>'changedOutside')
            FROM voice.outbox WHERE type = 'BusinessVoiceUpdated' ORDER BY id DESC LIMIT 1
            """));
        Assert.Equal(0, (await VerbUnderTest.RunAsync(servers, Database, "audit", "verify")).Code);
    }

    [Fact]
    public async Task Somebody_without_a_terminal_is_recorded_with_the_name_that_was_given()
    {
        await using var tools = WorkerHost.BuildTools(
            [$"--ConnectionStrings:Postgres={Database.WorkerConnectionString}", "--ConnectionStrings:RabbitMq=amqp://127.0.0.1:1"]);
        var act = new OperatorAct("anna@example.com", "voice set", new Dictionary<string, string> { ["business"] = "2" }, "asked by phone");

        var set = await VoiceSet.RunAsync(tools.Services, 2, "sage", act, _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(("business 2: voice ash became sage", "operator:anna@example.com"), (set.Text, set.ChangedBy));
        Assert.Equal("sage", await VoiceAsync(2));
        Assert.Equal("anna@example.com done", await Database.ScalarAsync<string>("SELECT concat_ws(' ', operator, result) FROM voice.operator_action"));
        var unknown = await Assert.ThrowsAsync<SettingsException>(
            () => VoiceSet.RunAsync(tools.Services, 2, "sagee", act, _ => { }, TestContext.Current.CancellationToken));
        Assert.Contains("did you mean 'sage'?", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_business_and_a_later_change_are_rejected_with_11_and_recorded()
    {
        await Database.ExecuteAsync("""
            UPDATE business SET voice_id = 'marin' WHERE id = 1;
            INSERT INTO voice.business_voice_change (business_id, changed_at, voice_id, outcome, event_id, decided_at)
            VALUES (1, now() + interval '1 hour', 'marin', 'updated', gen_random_uuid(), now() + interval '1 hour')
            """);

        var unknown = await SetAsync("--business", "999", "--voice", "sage");
        var late = await SetAsync("--business", "1", "--voice", "sage");

        Assert.Equal((11, "There is no business 999; the rejected change is recorded."), unknown);
        Assert.Equal((11, "A later change of business 1 stands: marin; the rejected change is recorded."), late);
        Assert.Equal("marin", await VoiceAsync(1));
        Assert.Equal(
            "unknownBusiness superseded",
            await Database.ScalarAsync<string>("""
                SELECT string_agg(body->>'reason', ' ' ORDER BY id) FROM voice.outbox WHERE type = 'BusinessVoiceChangeRejected'
                """));
        Assert.Equal(
            [
                """voice set {"voice": "sage", "business": "999"} {"updated": 0, "rejected": 1} rejected""",
                """voice set {"voice": "sage", "business": "1"} {"updated": 0, "rejected": 1} rejected""",
            ], await RecordedActs.ReadAsync(Database));
    }

    [Fact]
    public async Task A_voice_that_the_catalogue_does_not_have_is_2_and_nothing_is_recorded()
    {
        var (code, output) = await SetAsync("--business", "1", "--voice", "sagee");
        var narrow = await SetAsync("--business", "1", "--voice", "sage", "--Voices:Available:0=ash");

        Assert.Equal(2, code);
        Assert.StartsWith("--voice needs a voice of Voices:Available, not 'sagee' (did you mean 'sage'?); there are alloy, ash,", output, StringComparison.Ordinal);
        Assert.Equal((2, "--voice needs a voice of Voices:Available, not 'sage'; there are ash."), narrow);
        Assert.Equal("ash", await VoiceAsync(1));
        await AssertNothingAsync();
    }

    [Theory]
    [InlineData("REVOKE EXECUTE ON FUNCTION voice.record_act FROM worker", 3, "permission denied for function record_act")]
    [FullRunData("ALTER TABLE voice.operator_action ADD CHECK (verb <> 'voice set')", 6, "violates check constraint")]
    [InlineData("ALTER TABLE voice.operator_action RENAME TO elsewhere", 5, "voice.operator_action is missing")]
    [FullRunData("DROP FUNCTION voice.record_act", 5, "voice.record_act is missing")]
    public async Task Where_the_act_cannot_be_recorded_the_voice_is_not_changed(string deed, int expected, string why)
    {
        await Database.ExecuteAsync(deed.Replace("FROM worker", $"FROM {Database.WorkerName}", StringComparison.Ordinal));

        var (code, output) = await SetAsync("--business", "1", "--voice", "sage");

        Assert.True(code == expected, output);
        Assert.Contains(why, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Equal("ash", await VoiceAsync(1));
        Assert.Equal(0, await Database.ScalarAsync<long>("SELECT count(*) FROM voice.business_voice_change"));
    }

    [Fact]
    public async Task A_trigger_that_undoes_the_change_is_named_with_6_and_nothing_is_recorded()
    {
        await Database.ExecuteAsync("""
            CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NULL; END $f$;
            CREATE TRIGGER guard_voice BEFORE UPDATE ON business FOR EACH ROW EXECUTE FUNCTION guard();
            """);

        var (code, output) = await SetAsync("--business", "1", "--voice", "sage");

        Assert.Equal(6, code);
        Assert.Contains("trigger guard_voice undoes the update", output, StringComparison.Ordinal);
        await AssertNothingAsync();
    }

    [Fact]
    public async Task A_worker_publishes_the_change_and_the_act_each_in_its_stream()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        var acts = await worker.Broker.BindAsync(Exchanges.OperatorActed);

        var (code, _) = await VerbUnderTest.RunAsync(servers, worker.Database, "voice", "set", "--business", "5", "--voice", "coral");

        Assert.Equal(0, code);
        var change = (await worker.Audit.OfBusinessAsync(5, 1))[0];
        Assert.Equal(("BusinessVoiceUpdated", "coral", ChangedBy), (change.Properties.Type, change.Field("voiceId"), change.Field("changedBy")));
        var act = (await BrokerClient.TakeAsync(acts, 1))[0];
        Assert.Equal(("operators", "voice set", "done", 1), (act.Field("stream"), act.Field("verb"), act.Field("result"), (int)act.Json["sequence"]!));
        Assert.Equal("""{"voice":"coral","business":"5"}""", act.Json["filter"]!.ToJsonString());
        var list = await VerbUnderTest.RunAsync(servers, worker.Database, "audit", "list", "--limit", "0");
        Assert.Matches(@"operators +1 .* voice set \(voice coral, business 5\) by \S+: done \(updated 1, rejected 0\)", list.Output);
    }

    private async Task AssertNothingAsync()
    {
        Assert.Empty(await RecordedActs.ReadAsync(Database));
        Assert.Equal(0, await Database.ScalarAsync<long>("SELECT count(*) FROM voice.business_voice_change"));
        Assert.Equal(0, await Database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox WHERE type <> 'SchemaMigrated'"));
    }

    private Task<(int Code, string Output)> SetAsync(params string[] options) =>
        VerbUnderTest.RunAsync(servers, Database, ["voice", "set", .. options]);

    private Task<string> VoiceAsync(int businessId) =>
        Database.ScalarAsync<string>($"SELECT voice_id FROM business WHERE id = {businessId}");
}
