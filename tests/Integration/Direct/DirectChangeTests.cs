using System.Text.Json.Nodes;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Direct;

/// <summary>What the application writes itself is recorded in its own transaction as if it had come by message.</summary>
public sealed class DirectChangeTests(TestServers servers) : CapturedDatabase(servers)
{
    [Fact]
    public async Task An_update_has_a_row_and_an_event_that_is_what_the_contract_writes()
    {
        await Shop.ExecuteAsync("""UPDATE business SET voice_id = 'na"ïve' WHERE id = 1""");

        await using var relay = await Database.OpenAsync();
        await using var command = new NpgsqlCommand("""
            SELECT o.event_id, stream, type, body::text, decided_at, changed_at, outcome, changed_by, created_at
            FROM voice.outbox AS o JOIN voice.business_voice_change USING (event_id)
            """, relay);
        await using var row = await command.ExecuteReaderAsync(Token);
        Assert.True(await row.ReadAsync(Token));
        var at = row.GetFieldValue<DateTimeOffset>(4);
        var told = new BusinessVoiceUpdated
        {
            OccurredAt = at, BusinessId = 1, PreviousVoiceId = "ash", VoiceId = "na\"ïve", ChangedAt = at,
            ChangedBy = $"db:{Shop.Role}",
        };
        Assert.Equal(("business-1", nameof(BusinessVoiceUpdated)), (row.GetString(1), row.GetString(2)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(AuditJson.Write(told)), JsonNode.Parse(row.GetString(3))), row.GetString(3));
        Assert.Equal((at, "updated", told.ChangedBy), (row.GetFieldValue<DateTimeOffset>(5), row.GetString(6), row.GetString(7)));
        var id = row.GetGuid(0);
        Assert.Equal((7, Guid.CreateVersion7(at).ToString()[..13]), (id.Version, id.ToString()[..13]));
        Assert.False(await row.ReadAsync(Token));
    }

    // A transaction that notifies takes a lock at its COMMIT that all others wait for, and cannot be prepared.
    [Fact]
    public async Task It_notifies_nobody()
    {
        await using var relay = await Database.OpenAsync();
        var heard = new List<string>();
        relay.Notification += (_, one) => heard.Add(one.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {OutboxTable.Channel}", relay))
            await listen.ExecuteNonQueryAsync(Token);

        await Shop.ExecuteAsync("UPDATE business SET voice_id = 'sage' WHERE id = 1");
        await Database.ExecuteAsync($"NOTIFY {OutboxTable.Channel}, 'later'");

        Assert.True(await relay.WaitAsync(Waits.Longest, Token));
        Assert.Equal(["later"], heard);
    }

    [Theory]
    [InlineData("'user:7'", "user:7")]
    [InlineData("'operator:bob@desk'", "db:ROLE as operator:bob@desk")]
    [FullRunData("E' \u200bOperator : bob'", "db:ROLE as Operator : bob")]
    [InlineData("E'\\u00a0operator:bob'", "db:ROLE as \u00a0operator:bob")]
    [FullRunData("'db:postgres'", "db:ROLE as db:postgres")]
    [InlineData("'db:' || repeat('x', 200)", "db:ROLE as db:128")]
    [FullRunData("'dba:eve'", "dba:eve")]
    [InlineData("E'  user\\x07:\\u200b7 \\n'", "user:7")]
    [FullRunData("'O''Brien {\"a\"} é'", "O'Brien {\"a\"} é")]
    [InlineData("repeat('ü', 300)", "128")]
    [FullRunData("''", null)]
    [InlineData("E' \\t '", null)]
    public async Task The_application_says_who_or_it_is_its_role(string setting, string? who)
    {
        await Shop.ExecuteAsync($"""
            BEGIN; SELECT set_config('voice.changed_by', {setting}, true);
            UPDATE business SET voice_id = 'sage' WHERE id = 1; COMMIT;
            UPDATE business SET voice_id = 'echo' WHERE id = 1
            """);

        var expected = who == "128" ? new string('ü', 128) : (who ?? "db:ROLE").Replace("ROLE", Shop.Role, StringComparison.Ordinal);
        expected = expected.EndsWith(":128", StringComparison.Ordinal) ? $"{expected[..^3]}{new string('x', 200)}"[..128] : expected;
        Assert.Equal([$"ash sage {expected}", $"sage echo db:{Shop.Role}"], await EventsAsync());
    }

    [Fact]
    public async Task An_insert_with_a_voice_is_a_change_and_one_with_the_default_is_none()
    {
        await Shop.ExecuteAsync("""
            INSERT INTO business (id, name, voice_id) VALUES (101, 'a', 'sage'), (102, 'b', 'ash');
            INSERT INTO business (id, name) VALUES (103, 'c');
            INSERT INTO business (id, name, voice_id) VALUES (103, 'c', 'sage') ON CONFLICT (id) DO UPDATE SET voice_id = 'echo';
            DELETE FROM business WHERE id = 101;
            INSERT INTO business (id, name, voice_id) VALUES (101, 'again', 'sage')
            """);

        Assert.Equal([$"- sage db:{Shop.Role}", $"ash echo db:{Shop.Role}"], await EventsAsync());
    }

    [Fact]
    public async Task What_changes_no_voice_or_is_rolled_back_is_not_recorded()
    {
        await Shop.ExecuteAsync("""
            UPDATE business SET name = 'x', voice_id = voice_id;
            BEGIN; UPDATE business SET voice_id = 'sage' WHERE id = 1; ROLLBACK;
            BEGIN; SAVEPOINT a; UPDATE business SET voice_id = 'nova' WHERE id = 1; ROLLBACK TO a;
            UPDATE business SET voice_id = 'sage' WHERE id = 2; SAVEPOINT b; UPDATE business SET voice_id = 'echo' WHERE id = 2;
            RELEASE b; UPDATE business SET voice_id = 'sage' WHERE id = 2; COMMIT
            """);

        var role = $"db:{Shop.Role}";
        Assert.Equal([$"ash sage {role}", $"sage echo {role}", $"echo sage {role}"], await EventsAsync());
    }

    [Fact]
    public async Task What_triggers_of_the_application_put_into_the_row_is_recorded_as_it_is_stored()
    {
        await Database.ExecuteAsync("""
            CREATE FUNCTION before_it() RETURNS trigger LANGUAGE plpgsql AS $f$
            BEGIN IF NEW.name = 'VIP' THEN NEW.voice_id := 'verse'; END IF; RETURN NEW; END $f$;
            CREATE TRIGGER before_it BEFORE UPDATE ON business FOR EACH ROW EXECUTE FUNCTION before_it();
            CREATE FUNCTION after_it() RETURNS trigger LANGUAGE plpgsql AS $f$
            BEGIN IF NEW.voice_id = 'sage' THEN UPDATE business SET voice_id = 'marin' WHERE id = NEW.id; END IF; RETURN NULL; END $f$;
            CREATE TRIGGER after_it AFTER UPDATE ON business FOR EACH ROW EXECUTE FUNCTION after_it();
            """);

        await Shop.ExecuteAsync("UPDATE business SET name = 'VIP' WHERE id = 1; UPDATE business SET voice_id = 'sage' WHERE id = 2");

        var role = $"db:{Shop.Role}";
        Assert.Equal([$"ash verse {role}", $"ash sage {role}", $"sage marin {role}"], await EventsAsync());
    }

    [Fact]
    public async Task It_is_the_latest_whatever_the_clocks_say_and_passes_a_microsecond_that_is_taken()
    {
        await Database.ExecuteAsync("""
            INSERT INTO voice.business_voice_change (business_id, changed_at, voice_id, outcome, event_id, decided_at) VALUES
                (1, '2999-01-01', 'ash', 'updated', gen_random_uuid(), '2999-01-01'),
                (1, '2999-01-01 00:00:00.000001', 'sage', 'superseded', gen_random_uuid(), '2026-01-01')
            """);

        await Shop.ExecuteAsync("UPDATE business SET voice_id = 'sage' WHERE id = 1; UPDATE business SET voice_id = 'nova' WHERE id = 1");

        Assert.Equal(
            ["2999-01-01T00:00:00.000002Z", "2999-01-01T00:00:00.000003Z"],
            await Database.ScalarAsync<string[]>("SELECT array_agg(body->>'changedAt' ORDER BY id) FROM voice.outbox"));
    }

    [Fact]
    public async Task A_voice_that_was_changed_past_the_triggers_is_told_by_the_next_change()
    {
        await Shop.ExecuteAsync("UPDATE business SET voice_id = 'sage' WHERE id = 1");
        await Database.ExecuteAsync("""
            ALTER TABLE business DISABLE TRIGGER USER; UPDATE business SET voice_id = 'nova' WHERE id = 1;
            ALTER TABLE business ENABLE ALWAYS TRIGGER aaa_voice_id_updated, ENABLE ALWAYS TRIGGER aaa_voice_id_inserted
            """);
        await Shop.ExecuteAsync("UPDATE business SET voice_id = 'echo' WHERE id = 1");

        Assert.Equal("nova true", await Database.ScalarAsync<string>(
            "SELECT concat_ws(' ', body->>'previousVoiceId', body->>'changedOutside') FROM voice.outbox ORDER BY id DESC LIMIT 1"));
    }

    [Theory]
    [InlineData(500)]
    [FullRunData(10_000)]
    public async Task One_statement_changes_any_number_of_businesses(int rows)
    {
        await Shop.ExecuteAsync($"INSERT INTO business (name) SELECT 'x' FROM generate_series(1, {rows})");

        await Shop.ExecuteAsync("UPDATE business SET voice_id = 'sage' WHERE id > 3");

        Assert.Equal((long)rows, await Database.ScalarAsync<long>("""
            SELECT count(*) FROM voice.outbox JOIN voice.business_voice_change AS change USING (event_id)
            JOIN business ON business.id = change.business_id AND business.voice_id = change.voice_id
            """));
    }

    [Theory]
    [FullRunData("SET session_replication_role = replica", "42501")]
    [FullRunData("ALTER TABLE business DISABLE TRIGGER USER", "42501")]
    [InlineData("DROP TRIGGER aaa_voice_id_updated ON business", "42501")]
    [FullRunData("DROP FUNCTION voice.record_direct_change() CASCADE", "42501")]
    [InlineData("INSERT INTO voice.business_voice_change (business_id) VALUES (1)", "42501")]
    [InlineData("CREATE TEMP TABLE mine (id int, voice_id text); CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION voice.record_direct_change()", "42501")]
    [InlineData("CREATE TEMP TABLE business_voice_change (x int); SET search_path = pg_temp, public, voice", null)]
    [InlineData("CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'; SET search_path = pg_temp, pg_catalog, public", null)]
    [FullRunData("SET standard_conforming_strings = off; SET escape_string_warning = off; SET plpgsql.extra_errors = 'all'; SET xmloption = document", null)]
    [FullRunData("SET row_security = off; SET default_transaction_isolation = serializable; SET DateStyle = 'German'; SET TimeZone = 'Asia/Kolkata'; SET quote_all_identifiers = on", null)]
    public async Task No_other_role_can_silence_it(string attempt, string? refusal)
    {
        await using var session = await Shop.OpenAsync();
        await using var attack = new NpgsqlCommand(attempt, session);
        if (refusal is null)
            await attack.ExecuteNonQueryAsync(Token);
        else
            Assert.Equal(refusal, (await Assert.ThrowsAsync<PostgresException>(() => attack.ExecuteNonQueryAsync(Token))).SqlState);

        await using var change = new NpgsqlCommand("UPDATE public.business SET voice_id = 'sage' WHERE id = 1", session);
        await change.ExecuteNonQueryAsync(Token);

        Assert.Equal([$"ash sage db:{Shop.Role}"], await EventsAsync());
    }

    private Task<string[]> EventsAsync() => Database.ScalarAsync<string[]>("""
        SELECT coalesce(array_agg(concat_ws(' ', coalesce(body->>'previousVoiceId', '-'), body->>'voiceId', body->>'changedBy') ORDER BY id), '{}')
        FROM voice.outbox WHERE type = 'BusinessVoiceUpdated'
        """);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
