using System.Text.Json.Nodes;
using Npgsql;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Audit;

/// <summary>A search that reads more than one portion of the store: nothing is missed or told twice where one ends.</summary>
public sealed class LongHistoryTests(LongHistory history, TestServers servers) : IClassFixture<LongHistory>
{
    private const string CoralOf9 = "10001 20000 20001 39999 40000 40001 50000";

    [Theory]
    [InlineData("--voice coral --business 9 --oldest-first", CoralOf9)]
    [InlineData("--voice coral --business 9 --sequence 20001..40000", "40000 39999 20001")]
    [InlineData("--voice coral --sequence 10001.. --oldest-first", CoralOf9)]
    [InlineData("--voice coral --sequence 4..", "50000 40001 40000 39999 20001 20000 10001")]
    [InlineData("--business 9 --oldest-first --limit 2", "1 2")]
    [InlineData("--voice coral --sequence 10001.. --from 2026-01-02T10:00:00Z", "50000 40001 40000")]
    [InlineData("--voice coral --sequence 10001.. --from 2026-01-02T10:00:00Z --to 2026-01-02T10:00:01Z --oldest-first", "40000")]
    public async Task A_search_through_many_portions_misses_nothing(string filters, string sequences)
    {
        var (_, output) = await VerbUnderTest.RunAsync(servers, history.Database, ["audit", "list", .. filters.Split(' '), "--json-lines"]);

        var found = output.Split('\n').Where(line => line.StartsWith('{')).Select(line => $"{JsonNode.Parse(line)!["sequence"]}");
        Assert.Equal(sequences, string.Join(' ', found));
    }

    [Fact]
    public async Task An_extent_is_counted_in_portions_and_ends_where_the_store_does()
    {
        await using var connection = await history.Database.OpenAsync();
        var last = await history.Database.ScalarAsync<long>("SELECT max(seq_id) FROM voice_audit.mt_events");

        var all = await AuditTrail.MeasureAsync(connection, new(), Token);
        var some = await AuditTrail.MeasureAsync(connection, new() { Voice = "coral", Sequences = new(4, 40_000) }, Token);

        Assert.Equal((50_006L, last, 5L), (all.Count, all.LastPosition, some.Count));
    }

    [Fact]
    public async Task A_search_reads_each_event_once_however_many_portions_there_are()
    {
        await using var connection = await history.Database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await using (var settings = new NpgsqlCommand("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off", connection))
            await settings.ExecuteNonQueryAsync(Token);

        await AuditTrail.ReadAsync(connection, new() { Voice = "nobody", NewestFirst = true }, 500, Token).FirstOrDefaultAsync(Token);

        // And once more to find where a portion ends.
        await using var read = new NpgsqlCommand(
            "SELECT pg_stat_get_xact_tuples_returned(indexrelid) FROM pg_index WHERE indrelid = 'voice_audit.mt_events'::regclass AND indisprimary",
            connection);
        Assert.InRange((long)(await read.ExecuteScalarAsync(Token))!, 50_000, 110_000);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
