using System.Text.Json.Nodes;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Operators;

/// <summary><c>voice.record_act</c>: an act and its event, and no other, whoever calls it.</summary>
public sealed class RecordActTests(TestServers servers) : IAsyncLifetime
{
    private LegacyDatabase Database { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await servers.Migrated.CopyAsync();
        await Database.ExecuteAsync("DELETE FROM voice.outbox");
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("it's \"why\" – 😀")]
    public async Task Its_event_is_what_the_contract_writes_and_wakes_the_relay(string? note)
    {
        await using var relay = await Database.OpenAsync();
        await using (var listen = new NpgsqlCommand($"LISTEN {OutboxTable.Channel}", relay))
            await listen.ExecuteNonQueryAsync(Token);
        var act = new OperatorActed
        {
            Operator = "änna@host", Verb = "dead-letters edit", Note = note, Result = OperatorActResult.Incomplete,
            Filter = new Dictionary<string, string> { ["set"] = "a=\"b\"\\ ü", ["id"] = "" },
            Counts = new Dictionary<string, long> { ["sent"] = 0, ["stay"] = 123_456_789_012_345_678 },
        };
        await using (var connections = new PostgresConnections(Database.WorkerConnectionString, "public"))
        await using (var session = await connections.OpenAsync(Token))
            await OperatorActionTable.RecordAsync(session, act, Token);

        Assert.True(await relay.WaitAsync(Waits.Longest, Token));
        await using var command = new NpgsqlCommand("""
            SELECT event_id, stream, type, body::text, acted_at FROM voice.outbox JOIN voice.operator_action ON action_id = event_id
            """, relay);
        await using var row = await command.ExecuteReaderAsync(Token);
        Assert.True(await row.ReadAsync(Token));
        var told = OutboxEvent.Of(act with
        {
            EventId = row.GetGuid(0), Stream = AuditEvent.OperatorsStream, OccurredAt = row.GetFieldValue<DateTimeOffset>(4),
        });
        Assert.Equal((told.Stream, told.Type), (row.GetString(1), row.GetString(2)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(told.Body), JsonNode.Parse(row.GetString(3))), row.GetString(3));
        Assert.Equal(
            (7, Guid.CreateVersion7(row.GetFieldValue<DateTimeOffset>(4)).ToString()[..13]),
            (told.EventId.Version, told.EventId.ToString()[..13]));
        Assert.Matches("^[89ab]", told.EventId.ToString()[19..]);
        Assert.False(await row.ReadAsync(Token));
    }

    [Theory]
    [InlineData("'root@vault'", "db:ROLE as root@vault")]
    [InlineData("'db:postgres as root@vault'", "db:ROLE as db:postgres as root@vault")]
    [InlineData("repeat('ü', 119)", "119")]
    public async Task A_role_that_may_do_nothing_else_cannot_pass_for_another(string name, string expected)
    {
        await using var anna = await OperatorRole.CreateAsync(Database);

        await anna.ExecuteAsync($$"""SELECT voice.record_act({{name}}, 'voice set', '{}', '{"updated": 1}', 'done', NULL)""");

        var told = await Database.ScalarAsync<string>(
            "SELECT operator FROM voice.operator_action JOIN voice.outbox ON event_id = action_id WHERE body->>'operator' = operator");
        Assert.Equal(
            expected == "119" ? $"db:{anna.Name} as {new string('ü', 119)}"[..119] : expected.Replace("ROLE", anna.Name, StringComparison.Ordinal),
            told);
    }

    [Fact]
    public async Task A_role_that_may_do_nothing_else_adds_no_other_event_and_another_role_adds_no_act()
    {
        await using var anna = await OperatorRole.CreateAsync(Database);
        foreach (var sql in new[]
        {
            "INSERT INTO voice.outbox (event_id, stream, type, body) VALUES (gen_random_uuid(), 'business-1', 'Any', '{}')",
            "INSERT INTO voice.operator_action VALUES (gen_random_uuid(), now(), 'bob', 'voice set', '{}', '{}', 'done', NULL)",
            "SELECT * FROM voice.operator_action", "SELECT * FROM voice.outbox",
            "SELECT voice.remove_events('1 day', now(), 1)",
        })
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await anna.RefusalAsync(sql));
        await Database.ExecuteAsync($"REVOKE EXECUTE ON FUNCTION voice.record_act FROM {anna.Name}");

        Assert.Equal(
            PostgresErrorCodes.InsufficientPrivilege, await anna.RefusalAsync("SELECT voice.record_act('a', 'b', '{}', '{}', 'done', NULL)"));
        Assert.Equal(0, await Database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox"));
    }

    [Theory]
    [FullRunData("'', 'b', '{}', '{}', 'done', NULL", "operator")]
    [InlineData("NULL, 'b', '{}', '{}', 'done', NULL", "operator")]
    [FullRunData("repeat('a', 120), 'b', '{}', '{}', 'done', NULL", "operator")]
    [InlineData("E'a\\nb', 'b', '{}', '{}', 'done', NULL", "operator")]
    [InlineData("'a', ' ', '{}', '{}', 'done', NULL", "verb")]
    [FullRunData("'a', repeat('b', 101), '{}', '{}', 'done', NULL", "verb")]
    [InlineData("'a', 'b', '[]', '{}', 'done', NULL", "filter")]
    [FullRunData("'a', 'b', NULL, '{}', 'done', NULL", "filter")]
    [FullRunData("'a', 'b', '{\"id\": 1}', '{}', 'done', NULL", "filter")]
    [InlineData("'a', 'b', '{\"id\": [\"x\"]}', '{}', 'done', NULL", "filter")]
    [InlineData("'a', 'b', '{}', '7', 'done', NULL", "counts")]
    [FullRunData("'a', 'b', '{}', '{\"sent\": \"1\"}', 'done', NULL", "counts")]
    [FullRunData("'a', 'b', '{}', '{\"sent\": 1.5}', 'done', NULL", "counts")]
    [InlineData("'a', 'b', '{}', '{\"sent\": 1e30}', 'done', NULL", "counts")]
    [InlineData("'a', 'b', '{}', '{}', 'Done', NULL", "result")]
    [FullRunData("'a', 'b', '{}', '{}', NULL, NULL", "result")]
    [InlineData("'a', 'b', '{}', '{}', 'done', repeat('x', 501)", "note")]
    [FullRunData("'a', 'b', '{}', '{}', 'done', E'x\\x1b[2J'", "note")]
    [InlineData("'a', 'b', jsonb_build_object('id', repeat('x', 70000)), '{}', 'done', NULL", "65536 bytes")]
    public async Task What_no_event_can_be_is_refused_and_stops_no_trail(string arguments, string field)
    {
        await using var anna = await OperatorRole.CreateAsync(Database);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => anna.ExecuteAsync($"SELECT voice.record_act({arguments})"));

        Assert.Equal(PostgresErrorCodes.InvalidParameterValue, refused.SqlState);
        Assert.Contains(field, refused.MessageText, StringComparison.Ordinal);
        Assert.Equal(0, await Database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox"));
    }

    [Theory]
    [FullRunData("SET search_path = pg_temp, voice, public; CREATE FUNCTION pg_temp.to_char(timestamptz, text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'")]
    [InlineData("SET standard_conforming_strings = off; SET DateStyle = 'German'; SET TimeZone = 'Asia/Kolkata'; SET IntervalStyle = iso_8601; SET plpgsql.extra_errors = 'all'")]
    [FullRunData("CREATE TEMP TABLE outbox (x int); CREATE TEMP TABLE operator_action (x int)")]
    public async Task No_setting_of_the_session_alters_what_is_written(string settings)
    {
        await using var anna = await OperatorRole.CreateAsync(Database);

        await anna.ExecuteAsync($$"""{{settings}}; SELECT voice.record_act('anna', 'voice set', '{"voice": "sage"}', '{}', 'done', 'why')""");

        Assert.Equal("db:ROLE as anna voice set {\"voice\": \"sage\"} {} done why true".Replace("ROLE", anna.Name, StringComparison.Ordinal),
            await Database.ScalarAsync<string>("""
                SELECT concat_ws(' ', body->>'operator', body->>'verb', (body->'filter')::jsonb, (body->'counts')::jsonb, body->>'result',
                                 body->>'note', (body->>'occurredAt' ~ '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{6}Z$')::text)
                FROM voice.outbox
                """));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
