using Npgsql;
using VoiceWorker.Changes;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Voices;
using Xunit;

namespace VoiceWorker.Tests.Integration.Changes;

/// <summary>What is recorded of a change is what became of the row.</summary>
public sealed class ChangeTransactionTests(TestServers servers)
{
    private static readonly VoiceCatalogue Catalogue = new(new VoiceOptions());

    [Theory]
    [InlineData("BEFORE UPDATE", "RETURN NULL")]
    [InlineData("BEFORE UPDATE", "NEW.voice_id := 'fable'; RETURN NEW")]
    [InlineData("AFTER UPDATE", "IF NEW.voice_id <> 'ash' THEN UPDATE business SET voice_id = 'ash' WHERE id = NEW.id; END IF; RETURN NULL")]
    public async Task A_change_that_a_trigger_undoes_is_not_recorded_and_the_trigger_is_named(string when, string body)
    {
        await using var database = await servers.Migrated.CopyAsync();
        await database.ExecuteAsync($"""
            CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN {body}; END $f$;
            CREATE TRIGGER guard_voice {when} ON business FOR EACH ROW EXECUTE FUNCTION guard();
            """);

        var failure = await Assert.ThrowsAsync<PostgresException>(() => CommitAsync(database, Catalogue, Change("sage", At)));

        Assert.Equal("27000", failure.SqlState);
        Assert.Equal(FailureKind.Data, SqlFailure.Of(failure).Kind);
        Assert.Equal("business 1 does not have the voice that it was given: trigger guard_voice undoes the update", failure.MessageText);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM voice.business_voice_change"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox WHERE type <> 'SchemaMigrated'"));
        Assert.Equal("ash", await VoiceAsync(database));
    }

    [Fact]
    public async Task A_rule_that_takes_the_place_of_the_update_is_named()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await database.ExecuteAsync("CREATE RULE no_update AS ON UPDATE TO business DO INSTEAD NOTHING");

        var failure = await Assert.ThrowsAsync<PostgresException>(() => CommitAsync(database, Catalogue, Change("sage", At)));

        Assert.Contains("rule no_update undoes the update", failure.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trigger_that_changes_other_columns_or_the_case_is_none_of_it()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await database.ExecuteAsync("""
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $f$
            BEGIN NEW.name := 'touched'; NEW.voice_id := upper(NEW.voice_id); RETURN NEW; END $f$;
            CREATE TRIGGER touch BEFORE UPDATE ON business FOR EACH ROW EXECUTE FUNCTION touch();
            """);

        Assert.Null(await CommitAsync(database, Catalogue, Change("sage", At)));
        Assert.Equal("SAGE", await VoiceAsync(database));
    }

    [Fact]
    public async Task A_change_that_lies_ahead_pins_nothing_and_its_event_keeps_its_time()
    {
        await using var database = await servers.Migrated.CopyAsync();
        var ahead = new DateTimeOffset(2999, 1, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Null(await CommitAsync(database, Catalogue, Change("verse", ahead)));
        Assert.Null(await CommitAsync(database, Catalogue, Change("coral", TimeProvider.System.GetUtcNow())));
        Assert.Equal(ChangeRejection.Superseded, await CommitAsync(database, Catalogue, Change("sage", At)));
        Assert.Null(await CommitAsync(database, Catalogue, Change("echo", ahead.AddDays(-1))));

        Assert.Equal("echo", await VoiceAsync(database));
        Assert.Equal("2999-01-01T00:00:00", await database.ScalarAsync<string>(
            "SELECT left(body->>'changedAt', 19) FROM voice.outbox WHERE body->>'voiceId' = 'verse'"));
    }

    [Fact]
    public async Task A_change_that_stands_with_a_time_ahead_from_before_is_passed_by_the_next()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await database.ExecuteAsync("""
            INSERT INTO voice.business_voice_change (business_id, changed_at, voice_id, outcome, event_id, decided_at)
            VALUES (1, '2999-01-01', 'verse', 'updated', gen_random_uuid(), '2026-01-01')
            """);

        Assert.Null(await CommitAsync(database, Catalogue, Change("coral", At)));
        Assert.Equal("coral", await VoiceAsync(database));
    }

    [Fact]
    public async Task A_voice_is_stored_as_the_catalogue_spells_it_and_is_the_same_in_every_spelling()
    {
        await using var database = await servers.Migrated.CopyAsync();
        var hebrew = new VoiceCatalogue(new VoiceOptions { Default = "ash", Available = ["ash", "he-IL-Wavenet-A"] });
        var lower = new VoiceCatalogue(new VoiceOptions { Default = "ash", Available = ["ash", "he-il-wavenet-a"] });

        Assert.Null(await CommitAsync(database, hebrew, Change(hebrew.Spell(" HE-il-wavenet-a"), At)));
        Assert.Null(await CommitAsync(database, lower, Change(lower.Spell("he-IL-Wavenet-A"), At)));

        Assert.Equal("he-IL-Wavenet-A", await VoiceAsync(database));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM voice.business_voice_change"));
        Assert.Equal("he-IL-Wavenet-A", await database.ScalarAsync<string>(
            "SELECT body->>'voiceId' FROM voice.outbox WHERE type = 'BusinessVoiceUpdated'"));
    }

    [Fact]
    public async Task A_repeat_in_the_same_group_gets_what_is_recorded_and_the_voice_after_the_group()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        var transaction = new ChangeTransaction(connections, Catalogue, TimeProvider.System);
        BusinessVoiceChanged[] changes =
        [
            Change("sage", At), Change("verse", At.AddSeconds(1)), Change("sage", At), Change("echo", At),
            Change("hal9000", At), new(4711, "sage", At),
        ];

        for (var round = 0; round < 2; round++)
        {
            var results = await transaction.CommitAsync(
                [.. changes.Select(change => new PendingChange(change, null))], TestContext.Current.CancellationToken);

            Assert.Equal(
                [null, null, null, ChangeRejection.Superseded, ChangeRejection.UnsupportedVoice,
                    ChangeRejection.UnknownBusiness],
                results.Select(result => result.Reason));
            Assert.Equal(
                ["verse", "verse", "verse", "verse", "verse", null], results.Select(result => result.StandingVoiceId));
        }

        Assert.Equal(5, await database.ScalarAsync<long>("SELECT count(*) FROM voice.business_voice_change"));
    }

    [Fact]
    public async Task A_decision_that_finds_another_voice_than_the_last_one_left_says_so()
    {
        await using var database = await servers.Migrated.CopyAsync();

        await database.ExecuteAsync("UPDATE business SET voice_id = 'marin' WHERE id = 1");
        await CommitAsync(database, Catalogue, Change("sage", At));
        await database.ExecuteAsync("UPDATE business SET voice_id = 'verse' WHERE id = 1");
        await CommitAsync(database, Catalogue, Change("coral", At.AddSeconds(-1)));
        await CommitAsync(database, Catalogue, Change("echo", At.AddSeconds(1)));
        await CommitAsync(database, Catalogue, Change("nova", At.AddSeconds(2)));

        Assert.Equal(
            ["marin sage -", "- coral true", "verse echo true", "echo nova -"],
            (await database.ScalarAsync<string[]>("""
                SELECT array_agg(concat_ws(' ', coalesce(body->>'previousVoiceId', '-'), body->>'voiceId',
                                           coalesce(body->>'changedOutside', '-')) ORDER BY id)
                FROM voice.outbox WHERE type <> 'SchemaMigrated'
                """)));
        Assert.Equal(2, await database.ScalarAsync<long>(
            "SELECT count(*) FROM voice.business_voice_change WHERE changed_outside"));
    }

    private static DateTimeOffset At { get; } = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    private static BusinessVoiceChanged Change(string voice, DateTimeOffset at) => new(1, voice, at);

    private static async Task<ChangeRejection?> CommitAsync(
        LegacyDatabase database, VoiceCatalogue catalogue, BusinessVoiceChanged change)
    {
        await using var connections = new PostgresConnections(database.WorkerConnectionString, "public");
        var transaction = new ChangeTransaction(connections, catalogue, TimeProvider.System);
        var results = await transaction.CommitAsync(
            [new PendingChange(change, null)], TestContext.Current.CancellationToken);
        return results[0].Reason;
    }

    private static Task<string> VoiceAsync(LegacyDatabase database) =>
        database.ScalarAsync<string>("SELECT voice_id FROM business WHERE id = 1");
}
