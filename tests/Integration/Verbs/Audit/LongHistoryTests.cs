using System.Text.Json.Nodes;
using Npgsql;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Verification;
using VoiceWorker.Verbs.Audit;
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

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(true, "business-9")]
    [InlineData(false, "business-9")]
    public async Task Pages_that_end_when_time_is_over_go_on_where_they_looked_last(bool newestFirst, string? stream)
    {
        await using var connection = await history.Database.OpenAsync();
        var query = new AuditQuery { Voice = "coral", Sequences = new(4, long.MaxValue), NewestFirst = newestFirst, Stream = stream };
        var (found, pages) = (new List<long>(), new List<AuditPage>());

        do
        {
            pages.Add(await AuditPage.ReadAsync(connection, query, pages.LastOrDefault()?.Next, size: 4, TimeSpan.Zero, TimeProvider.System, Token));
            found.AddRange(pages[^1].Events.Select(stored => stored.Event.Sequence));
        }
        while (!pages[^1].IsComplete);

        Assert.Equal(CoralOf9, string.Join(' ', (newestFirst ? found.Order() : found.AsEnumerable()).ToArray()));
        Assert.All(pages, page => Assert.Equal(page.Events.Count < 4 && !page.IsComplete, page.SearchedTo is not null));
        // Each looks at one portion of 20,000 at the most.
        Assert.InRange(pages.Count, 2, 7);
        var early = pages.First(page => page.SearchedTo is not null);
        Assert.InRange(early.SearchedTo!.Value, new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2026, 1, 2, 13, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_page_that_is_full_or_of_one_event_is_read_at_once()
    {
        await using var connection = await history.Database.OpenAsync();
        var id = await history.Database.ScalarAsync<Guid>("SELECT id FROM voice_audit.mt_events WHERE stream_id = 'business-9' AND version = 3");

        var latest = await ReadAsync(new() { NewestFirst = true }, null);
        var next = await ReadAsync(new() { NewestFirst = true }, latest.Next);
        var ofStream = await ReadAsync(new() { Stream = "business-9" }, null);
        var one = await ReadAsync(new() { EventId = id, NewestFirst = true }, null);

        Assert.Equal([50_000L, 49_999, 49_998, 49_997], latest.Events.Concat(next.Events).Select(stored => stored.Event.Sequence));
        Assert.Equal([1L, 2], ofStream.Events.Select(stored => stored.Event.Sequence));
        Assert.Equal((id, true), (Assert.Single(one.Events).Event.EventId, one.IsComplete));

        Task<AuditPage> ReadAsync(AuditQuery query, long? after) =>
            AuditPage.ReadAsync(connection, query, after, size: 2, TimeSpan.FromMinutes(1), TimeProvider.System, Token);
    }

    [Fact]
    public async Task A_comparison_that_is_interrupted_tells_the_differences_so_far()
    {
        await using var connections = new PostgresConnections(history.Database.WorkerConnectionString, "public");
        using var interruption = new CancellationTokenSource();
        // There are 50,000 calls that no worker has recorded.
        var verify = new AuditVerify(connections, [], named: 3);

        var result = await verify.RunAsync(new Interrupting(interruption, () => verify.Differences == 5), interruption.Token);

        Assert.Equal((5, 3, false), (result.Differences, result.First.Count, result.IsComplete));
        Assert.EndsWith(": 5 differences so far; interrupted", result.Lines[0], StringComparison.Ordinal);
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

    [Fact]
    public async Task The_search_for_a_change_passes_over_the_calls_of_its_business()
    {
        await using var connection = await history.Database.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Token);

        await new VoiceChangeEvents(connection).FindLatestAsync("business-9", 50_001, Token);

        await using var read = new NpgsqlCommand("""
            SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid))::bigint + pg_stat_get_xact_tuples_returned('voice_audit.mt_events'::regclass)
            FROM pg_index WHERE indrelid = 'voice_audit.mt_events'::regclass
            """, connection);
        Assert.InRange((long)(await read.ExecuteScalarAsync(Token))!, 0, 20);
    }

    [Fact]
    public async Task A_page_of_what_was_decided_before_an_instant_begins_there()
    {
        await using var connection = await history.Database.OpenAsync();
        var query = new AuditQuery { NewestFirst = true, To = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero) };

        // One portion of the store, and no time for another.
        var page = await AuditPage.ReadAsync(connection, query, after: null, size: 2, TimeSpan.Zero, TimeProvider.System, Token);

        var latest = await history.Database.ScalarAsync<long>("""
            SELECT max(seq_id) FROM voice_audit.mt_events WHERE (data->>'occurredAt')::timestamptz < '2026-01-02' AND stream_id = 'business-9'
            """);
        Assert.Equal((2, latest), (page.Events.Count, page.Events[0].Position));
    }

    private sealed class Interrupting(CancellationTokenSource interruption, Func<bool> isTime) : IProgress<AuditDifference>
    {
        public void Report(AuditDifference value)
        {
            if (isTime())
                interruption.Cancel();
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
