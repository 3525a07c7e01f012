using System.Text.Json.Nodes;
using Npgsql;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Operators;

/// <summary><c>acts</c>: what operators did. It runs as the role of the worker.</summary>
public sealed class ActListTests(TestServers servers) : IAsyncLifetime
{
    private LegacyDatabase Database { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await servers.Migrated.CopyAsync();
        await Database.ExecuteAsync("""
            INSERT INTO voice.operator_action
            SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, '2026-01-31T09:00:00Z'::timestamptz + seconds * interval '1 second',
                   operator, verb, filter::jsonb, counts::jsonb, result, note
            FROM (VALUES
                (1, 1, 'anna@desk', 'voice set', '{"voice": "sage", "business": "2"}', '{"updated": 1}', 'done', 'asked by phone'),
                (2, 2, 'Bob@desk', 'dead-letters replay', '{"all": "true"}', '{"sent": 3, "stay": 1}', 'incomplete', NULL),
                (3, 2, 'bob@desk', 'dead-letters discard', '{"id": "a_1"}', '{"discarded": 1}', 'done', E'red\x1b[31m <b>'),
                (4, 3, 'db:ann%a as anna', 'audit replay', '{}', '{}', 'failed', NULL)) AS act (n, seconds, operator, verb, filter, counts, result, note)
            """);
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task The_latest_comes_first_and_nothing_of_it_steers_the_terminal()
    {
        var (code, output) = await VerbUnderTest.RunAsync(servers, Database, "acts", "--limit", "3");

        Assert.Equal(0, code);
        Assert.Equal(
            [
                "TIME OPERATOR VERB FILTER COUNTS RESULT NOTE",
                "2026-01-31T09:00:03.000Z db:ann%a as anna audit replay failed",
                """2026-01-31T09:00:02.000Z bob@desk dead-letters discard id=a_1 discarded=1 done red\u001B[31m <b>""",
                "2026-01-31T09:00:02.000Z Bob@desk dead-letters replay all=true sent=3 stay=1 incomplete",
                "These are the latest 3 of 4; --limit 0 shows all.",
            ],
            output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Where(line => line.Length > 0));
    }

    [Theory]
    [InlineData("4 3 2 1")]
    [InlineData("3 2", "--operator", "BOB")]
    [InlineData("4", "--operator", "ann%")]
    [InlineData("3 2", "--verb", "dead-letters")]
    [InlineData("", "--verb", "dead_letters")]
    [InlineData("3 1", "--result", "Done")]
    [InlineData("3 2", "--from", "2026-01-31T09:00:02Z", "--to", "2026-01-31T09:00:03Z")]
    [InlineData("3", "--from", "2026-01-31T10:00:02+01:00", "--verb", "dead-letters d", "--result", "done", "--operator", "bob")]
    public async Task Those_are_shown_for_which_all_holds(string expected, params string[] which)
    {
        var (code, json) = await VerbUnderTest.ReadAsync(servers, Database, ["acts", .. which]);

        Assert.Equal(0, code);
        Assert.Equal(expected, string.Join(' ', json.AsArray().Select(one => ((string)one!["eventId"]!)[^1..])));
    }

    [Fact]
    public async Task An_act_has_the_keys_of_its_event_and_no_fit_is_said()
    {
        var (_, json) = await VerbUnderTest.ReadAsync(servers, Database, "acts", "--operator", "anna@");
        var none = await VerbUnderTest.RunAsync(servers, Database, "acts", "--result", "rejected");

        Assert.Equal(
            JsonNode.Parse("""
                [{"eventId":"00000000-0000-7000-8000-000000000001","occurredAt":"2026-01-31T09:00:01.000000Z","operator":"anna@desk","verb":"voice set",
                "filter":{"voice":"sage","business":"2"},"counts":{"updated":1},"result":"done","note":"asked by phone"}]
                """)!.ToJsonString(),
            json.ToJsonString());
        Assert.Equal((0, "No act fits."), none);
    }

    [Fact]
    public async Task Pages_follow_each_other_without_a_gap_by_the_index()
    {
        await Database.ExecuteAsync("""
            INSERT INTO voice.operator_action
            SELECT gen_random_uuid(), '2025-01-01'::timestamptz + n / 7 * interval '1 second', 'many', 'voice set', '{}', '{}', 'done', NULL
            FROM generate_series(1, 5000) AS n;
            ANALYZE voice.operator_action
            """);
        await using var connection = new NpgsqlConnection(Database.WorkerConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var (seen, before) = (new HashSet<Guid>(), (OperatorActionPlace?)null);

        while (true)
        {
            var (page, count) = await OperatorActionList.ReadAsync(
                connection, OperatorActionFilter.All, before, limit: 700, TestContext.Current.CancellationToken);
            Assert.Equal(5004, count);
            Assert.All(page, act => Assert.True(seen.Add(act.ActionId)));
            if (page.Count == 0)
                break;
            before = new(page[^1].ActedAt, page[^1].ActionId);
        }

        Assert.Equal(5004, seen.Count);
        Assert.Contains("Index Scan Backward using operator_action_acted", await PlanAsync(), StringComparison.Ordinal);
    }

    private async Task<string> PlanAsync()
    {
        await using var connection = new NpgsqlConnection(Database.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var explain = new NpgsqlCommand("""
            EXPLAIN SELECT * FROM voice.operator_action WHERE (acted_at, action_id) < ('2025-01-01T00:05:00Z', gen_random_uuid())
            ORDER BY acted_at DESC, action_id DESC LIMIT 50
            """, connection);
        await using var reader = await explain.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }
}
