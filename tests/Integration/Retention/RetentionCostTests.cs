using System.Text.Json.Nodes;
using Npgsql;
using Xunit;

namespace VoiceWorker.Tests.Integration.Retention;

/// <summary>Removing costs what is removed, whatever the tables hold.</summary>
public sealed class RetentionCostTests(TestServers servers)
{
    private const int Page = 100;
    private static readonly int Calls = LongRun.IsOn ? 5_000_000 : 200_000;

    // The tables that grow; a sequential scan of any other is one of two rows.
    private const string ReadsSql = """
        SELECT relname, COALESCE(seq_scan, 0), COALESCE(idx_tup_fetch, 0), COALESCE(n_tup_del, 0) FROM pg_stat_xact_user_tables
        WHERE relname IN ('call_voice', 'business_voice_change', 'mt_events', 'mt_streams') ORDER BY relname
        """;

    // Rows, not pages: whoever looks locks a row, and may leave hints.
    private const string WrittenSql =
        "SELECT COALESCE(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_xact_user_tables";

    [FullRun]
    [Fact]
    public async Task A_batch_reads_only_what_it_removes_also_behind_rows_not_yet_vacuumed()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await past.Database.ExecuteAsync("ALTER TABLE voice.call_voice SET (autovacuum_enabled = off); ALTER TABLE voice_audit.mt_events SET (autovacuum_enabled = off)");
        await RecordedPast.AddCallsAsync(past.Database, Calls, days: 10);
        await past.Database.ExecuteAsync("ANALYZE");

        foreach (var function in new[] { "remove_decisions", "remove_events" })
        {
            // The first one of a session also reads the catalog.
            await MeasureAsync(past, function);
            for (var batch = 0; batch < 20; batch++)
                AssertProportional(await MeasureAsync(past, function), function);
        }
    }

    [Fact]
    public async Task Looking_when_nothing_is_too_old_reads_one_page_of_events_and_writes_nothing()
    {
        await using var past = await RetentionFixture.CreateAsync(servers);
        await RecordedPast.AddCallsAsync(past.Database, calls: 10_000, days: 5);

        await MeasureAsync(past, "remove_decisions");
        var cost = await MeasureAsync(past, "remove_decisions");

        Assert.InRange(cost.Buffers, 1, 100);
        Assert.Equal(0, cost.Written);
    }

    private static void AssertProportional(Cost cost, string function)
    {
        var from = function is "remove_decisions" ? "call_voice" : "mt_events";
        Assert.All(cost.Tables, table => Assert.Equal((table.Name, 0), (table.Name, table.Scans)));
        Assert.Equal(Page, cost.Tables.Single(table => table.Name == from).Deleted);
        // Events are read when the page is looked for, when it is told, and when it goes; a call once, by its key.
        Assert.All(cost.Tables, table => Assert.InRange(table.Fetched, 0, 3 * Page));
        Assert.Equal(Page, cost.Tables.Single(table => table.Name == "call_voice").Fetched + (from is "mt_events" ? Page : 0));
        // For each row the way down an index, and its page.
        Assert.InRange(cost.Buffers, Page / 50, (12 * Page) + 100);
        TestContext.Current.TestOutputHelper?.WriteLine($"{function}: {cost.Buffers} buffers for {Page} rows");
    }

    private static async Task<Cost> MeasureAsync(RetentionFixture past, string function)
    {
        await using var transaction = await past.Session.BeginTransactionAsync(Token);
        var before = await ReadTablesAsync(past.Session);
        await using var explain = new NpgsqlCommand(
            $"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM voice.{function}(interval '6 days', now(), {Page})", past.Session);
        var plan = JsonNode.Parse((string)(await explain.ExecuteScalarAsync(Token))!)![0]!["Plan"]!;
        var after = await ReadTablesAsync(past.Session);
        await using var rows = new NpgsqlCommand(WrittenSql, past.Session);
        var written = (long)(await rows.ExecuteScalarAsync(Token))!;
        await transaction.CommitAsync(Token);
        return new Cost(
            (long)plan["Shared Hit Blocks"]! + (long)plan["Shared Read Blocks"]!, written,
            [.. after.Select(table => table.Since(before.FirstOrDefault(known => known.Name == table.Name)))]);
    }

    private static async Task<List<Reads>> ReadTablesAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(ReadsSql, connection);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var tables = new List<Reads>();
        while (await reader.ReadAsync(Token))
            tables.Add(new Reads(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3)));
        return tables;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed record Cost(long Buffers, long Written, IReadOnlyList<Reads> Tables);

    private sealed record Reads(string Name, long Scans, long Fetched, long Deleted)
    {
        public Reads Since(Reads? before) => new(
            Name, Scans - (before?.Scans ?? 0), Fetched - (before?.Fetched ?? 0), Deleted - (before?.Deleted ?? 0));
    }
}
